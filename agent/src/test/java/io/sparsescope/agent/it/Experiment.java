package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@link OrtProgram} without and with the agent, in the same folder with the same models. */
final class Experiment {
  /** All models but the one that shows its inner tensors. */
  static final String OPTIONS = "tap=op:Relu;op:Cast,models={tiny,other,external,bad}*";

  private static final List<String> TENSORS = List.of("r1", "y", "k", "q");

  private final Path java;
  private final Path folder;
  private final List<String> application;

  /**
   * @param application options of the JVM, class path and main class
   */
  Experiment(Path java, Path folder, List<String> application) throws IOException {
    this.java = java;
    this.folder = folder;
    this.application = application;
    Files.createDirectories(folder.resolve("models"));
    TestModels.writeTo(folder.resolve("models"));
  }

  Child without() throws IOException, InterruptedException {
    return run(List.of());
  }

  Child with(String options) throws IOException, InterruptedException {
    return run(List.of("-javaagent:" + Machine.AGENT + "=" + options));
  }

  Child run(List<String> agent) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(agent);
    arguments.addAll(application);
    arguments.add("models");
    Child child = Child.run(java, folder, arguments);
    assertThat(child.exitCode()).as(child.err()).isZero();
    return child;
  }

  Path profileFile() {
    return folder.resolve("profile.json");
  }

  Profile profile() {
    return Profile.read(profileFile());
  }

  /** No temporary file of the agent's is left, beside the models or elsewhere. */
  void assertClean() throws IOException {
    try (Stream<Path> left = Files.walk(folder)) {
      assertThat(left.filter(path -> path.getFileName().toString().contains("sparsescope-")))
          .isEmpty();
    }
  }

  /** The profile counts what the program counted itself, in the words it prints. */
  static void assertCounts(Profile profile, String printed) {
    List<String> expected = printed.lines().filter(line -> line.startsWith("EXPECT")).toList();
    assertThat(expected).isNotEmpty();
    assertThat(expected.size() % TENSORS.size()).isZero();
    assertThat(TENSORS.stream().map(tensor -> counts(profile, tensor)).toList())
        .isEqualTo(TENSORS.stream().map(tensor -> sum(expected, tensor)).toList());
  }

  /** A tensor's line, added up where the program ran several times. */
  private static String sum(List<String> lines, String tensor) {
    long[] sums = new long[3];
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      for (int i = 0; i < sums.length && words[1].equals(tensor); i++) {
        sums[i] += Long.parseLong(words[2 + i]);
      }
    }
    return "EXPECT " + tensor + " " + sums[0] + " " + sums[1] + " " + sums[2];
  }

  private static String counts(Profile profile, String tensor) {
    long runs = 0;
    long elements = 0;
    long zeros = 0;
    for (ModelProfile model : profile.models()) {
      for (TapProfile tap : model.taps()) {
        // An agent that is attached counts the outputs of older sessions, too.
        if (tap.tensor().equals(tensor) && !tap.op().equals("output")) {
          runs += tap.runs();
          elements += tap.elements();
          zeros += tap.zeros();
        }
      }
    }
    return "EXPECT " + tensor + " " + runs + " " + elements + " " + zeros;
  }
}
