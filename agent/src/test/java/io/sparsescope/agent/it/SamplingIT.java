package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exactly the sampled runs are counted, exactly, in whichever mode; outputs keep every bit. */
class SamplingIT {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"17, 1.18.0", "25, 1.29.0"})
  void countsEveryThirdRun(int feature, String version) throws Exception {
    ModelProfile model = count(feature, version, "sample=1/3", 10, run -> run % 3 == 0);

    assertThat(model.sampledRuns()).isEqualTo(4);
    assertThat(model.runs()).isEqualTo(10);
    assertThat(model.cost().runNanos()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({"25, 1.18.0", "17, 1.29.0"})
  void countsInTheShadow(int feature, String version) throws Exception {
    ModelProfile model =
        count(feature, version, "mode=shadow,queue=1000,sample=1/2", 100, run -> run % 2 == 0);

    assertThat(model.sampledRuns()).isEqualTo(50);
    assertThat(model.runs()).isEqualTo(100);
    assertThat(model.cost().overheadNanos()).isPositive();
    assertThat(model.cost().drops()).isZero();
  }

  private ModelProfile count(
      int feature, String version, String options, int runs, IntPredicate sampled)
      throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeTrue(java.isPresent(), () -> "no JDK " + feature);
    Files.createDirectories(folder.resolve("models"));
    TestModels.writeTo(folder.resolve("models"));
    List<String> program =
        List.of(
            "-cp",
            Machine.CLASSES + File.pathSeparator + Machine.onnxruntime(version),
            SamplingProgram.class.getName(),
            "models",
            Integer.toString(runs));
    List<String> command = new ArrayList<>();
    command.add(
        "-javaagent:" + Machine.AGENT + "=out=profile.json,tap=op:Relu,models=tiny*," + options);
    command.addAll(program);
    Child without = Child.run(java.get(), folder, program);
    Child with = Child.run(java.get(), folder, command);

    assertThat(with.exitCode()).as(with.err()).isZero();
    assertThat(with.out()).isEqualTo(without.out()).contains("terminate");
    assertThat(with.agentLines()).isEmpty();
    Profile profile = Profile.read(folder.resolve("profile.json"));
    assertThat(profile.agent().failureMessages()).isEmpty();
    ModelProfile model = profile.models().get(0);
    assertCounts(model, with.out().lines().filter(l -> l.startsWith("EXPECT")).toList(), sampled);
    return model;
  }

  private static void assertCounts(
      ModelProfile model, List<String> expected, IntPredicate sampled) {
    long[] sums = new long[4];
    for (int run : IntStream.range(0, expected.size()).filter(sampled).toArray()) {
      String[] numbers = expected.get(run).split(" ");
      for (int i = 0; i < sums.length; i++) {
        sums[i] += Long.parseLong(numbers[i + 1]);
      }
    }
    TapProfile r1 = tap(model, "r1");
    TapProfile y = tap(model, "y");
    assertThat(new long[] {r1.elements(), r1.zeros(), y.elements(), y.zeros()}).isEqualTo(sums);
  }

  private static TapProfile tap(ModelProfile model, String tensor) {
    return model.taps().stream().filter(t -> t.tensor().equals(tensor)).findFirst().orElseThrow();
  }
}
