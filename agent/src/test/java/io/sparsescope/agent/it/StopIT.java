package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stop while sessions are open takes back all that the agent has done. */
class StopIT {
  private static final String OPTIONS = "tap=op:Relu,interval=1h,";

  @TempDir Path folder;

  /** Thresholds that change nothing, as no element is that small. */
  @BeforeEach
  void writeRules() throws IOException {
    Files.writeString(
        folder.resolve("live.yaml"),
        """
        activations:
          - {match: "op:Relu", threshold: 1.0e-30}
        live: {fraction: 0.5, compare: 0.5}
        """);
  }

  @ParameterizedTest
  @CsvSource({
    "17, 1.16.0, sample=1/1",
    "25, 1.16.0, sample=1/1",
    "17, 1.29.0, sample=1/1",
    "25, 1.29.0, sample=1/1",
    "17, 1.16.0, sample=1/2",
    "25, 1.29.0, sample=1/2",
    "17, 1.16.0, mode=shadow",
    "25, 1.29.0, mode=shadow",
    "17, 1.16.0, rules=live.yaml",
    "25, 1.29.0, rules=live.yaml",
    "25, 1.29.0, 'rules=live.yaml,sample=1/2'",
    "17, 1.29.0, 'counting=onnx,sample=1/2'",
    "25, 1.29.0, 'counting=onnx,mode=shadow'"
  })
  void givesTheClassesBackWhileSessionsAreOpen(int feature, String onnxruntime, String mode)
      throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeThat(java).isPresent();
    assumeThat(Machine.hasNativeLibrary() || mode.contains("onnx")).isTrue();
    try (DrivenChild child = DrivenChild.start(java.get(), onnxruntime, folder)) {
      final List<String> classes = child.classes();
      child.tell("open old tiny");
      final String look = child.tell("look old");
      final String run = child.tell("run old 1 z,q,y");

      for (int round = 1; round <= 2; round++) {
        String options = OPTIONS + mode + ",out=" + folder.resolve(round + ".json");
        child.done("start", "options", options);
        assertThat(child.classes()).isNotEqualTo(classes);
        child.tell("options gone");
        assertThat(child.tell("open a" + round + " tiny gone")).isEqualTo("opened");
        child.tell("shut gone");
        assertThat(child.tell("open b" + round + " external")).isEqualTo("opened");
        for (int i = 0; i < 4; i++) {
          assertThat(child.tell("run a" + round + " 1 z,q,y")).isEqualTo(run);
        }
        String first = child.tell("keep a" + round);
        assertThat(child.tell("keep a" + round)).isEqualTo(first).startsWith("y[");

        assertThat(child.done("stop", "", ""))
            .isEqualTo("agent stopped; ONNX Runtime's classes are as they were");
        assertThat(child.classes()).isEqualTo(classes);
        assertThat(child.tell("threads")).isEqualTo("[]");
        // Results of the sessions that are closed now.
        assertThat(child.tell("kept")).isEqualTo(first);
        assertThat(child.tell("kept")).isEqualTo(first);
        assertThat(child.tell("look a1")).isEqualTo(look);
        assertThat(child.tell("run a1 1 z,q,y")).isEqualTo(run);
        assertThat(child.tell("run a" + round + " 1 z,q,y")).isEqualTo(run);
        assertThat(child.tell("look b" + round)).isEqualTo(look);
        assertThat(child.tell("close b" + round)).isEqualTo("closed");
      }

      Profile second = Profile.read(folder.resolve("2.json"));
      assertThat(second.agent().failureMessages()).isEmpty();
      assertThat(second.models())
          .filteredOn(m -> m.name().equals("tiny.onnx"))
          .isNotEmpty()
          .allSatisfy(m -> assertThat(m.sessions()).isEqualTo(1));
      assertThat(child.tell("close a1")).isEqualTo("closed");
      assertThat(child.tell("close a2")).isEqualTo("closed");
      assertThat(child.agentLines()).filteredOn(line -> !line.contains("by intent")).isEmpty();
    }
  }

  /** Sessions of an earlier start, like any that existed, have their inputs and outputs counted. */
  @Test
  void countsInputsAndOutputsOfEarlierSessionsWhenStartedAgain() throws Exception {
    assumeThat(Machine.hasNativeLibrary()).isTrue();
    try (DrivenChild child = DrivenChild.start(Machine.java(17).orElseThrow(), folder)) {
      child.done("start", "options", OPTIONS + "out=none");
      child.tell("open a tiny");
      child.done("stop", "", "");
      child.done("start", "options", OPTIONS + "out=none");
      child.tell("run a 1 z,q,y");
      Path file = folder.resolve("profile.json");
      child.done("dump", "file", file.toString());

      ModelProfile model = Profile.read(file).models().get(0);
      assertThat(model.skipped()).singleElement().asString().contains("existed before the agent");
      assertThat(model.runTaps()).extracting(tap -> tap.op()).containsOnly("input", "output");
      assertThat(model.runs()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "17, 1.29.0, sample=1/1",
    "25, 1.16.0, sample=1/1",
    "17, 1.29.0, sample=1/2",
    "25, 1.29.0, mode=shadow",
    "17, 1.29.0, rules=live.yaml"
  })
  void changesNothingForThreadsThatNeverPause(int feature, String onnxruntime, String mode)
      throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeThat(java).isPresent();
    assumeThat(Machine.hasNativeLibrary()).isTrue();
    String options = OPTIONS + mode + ",out=none";
    try (DrivenChild child = DrivenChild.start(java.get(), onnxruntime, folder)) {
      List<String> classes = child.classes();
      for (int i = 0; i < 5; i++) {
        child.done("start", "options", options);
        child.tell("open a" + i + " tiny");
        child.tell("open b" + i + " tiny");
        child.tell("hammer 4 a0,a" + i + ",b" + i);
        awaitAnswers(child);
        assertThat(child.done("stop", "", "")).contains("classes are as they were");
        awaitAnswers(child);
        assertThat(child.tell("idle")).startsWith("failures [], ");
        Path file = folder.resolve("hammered.json");
        child.done("dump", "file", file.toString());
        assertThat(Profile.read(file).agent().failureMessages()).isEmpty();
        child.tell("close b" + i);
      }
      assertThat(child.classes()).isEqualTo(classes);
      assertThat(child.agentLines()).filteredOn(line -> !line.contains("by intent")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"changed", "gone"})
  void holdsASessionWhoseModelCannotBeHadAgain(String model) throws Exception {
    assumeThat(Machine.hasNativeLibrary()).isTrue();
    try (DrivenChild child = DrivenChild.start(Machine.java(17).orElseThrow(), folder)) {
      List<String> classes = child.classes();
      Path models = folder.resolve("models");
      child.done("start", "options", OPTIONS + "out=none");
      child.tell("open a tiny");
      final String look = child.tell("look a");
      final String run = child.tell("run a 1 z,q,y");
      if (model.equals("changed")) {
        Files.copy(
            models.resolve("exposed.onnx"),
            models.resolve("tiny.onnx"),
            StandardCopyOption.REPLACE_EXISTING);
      } else {
        Files.delete(models.resolve("tiny.onnx"));
      }

      assertThat(child.done("stop", "", ""))
          .contains("hidden in 1 open session", "tiny.onnx was changed since, or is gone");
      assertThat(child.tell("look a")).isEqualTo(look);
      assertThat(child.tell("run a 1 z,q,y")).isEqualTo(run);
      assertThat(child.classes()).isNotEqualTo(classes);
      child.tell("close a");
      Machine.await(Duration.ofSeconds(30), () -> areBack(child, classes));
      assertThat(child.agentLines()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.16.0, bytes, keep, ''",
    "1.29.0, bytes, keep, ''",
    "1.29.0, buffer, keep, ''",
    "1.29.0, bytes, drop, has let go of it",
    "1.29.0, buffer, drop, has let go of it",
    "1.29.0, bytes, spoil, has changed it"
  })
  void hasAModelInMemoryAgainWhileTheApplicationKeepsIt(
      String onnxruntime, String form, String then, String reason) throws Exception {
    assumeThat(Machine.hasNativeLibrary()).isTrue();
    Path java = Machine.java(17).orElseThrow();
    try (DrivenChild child = DrivenChild.start(java, onnxruntime, folder)) {
      List<String> classes = child.classes();
      child.done("start", "options", OPTIONS + "out=none");
      assertThat(child.tell(form + " a tiny")).isEqualTo("opened");
      final String look = child.tell("look a");
      final String run = child.tell("run a 1 z,q,y");
      if (!then.equals("keep")) {
        assertThat(child.tell(then + " a")).startsWith(then.substring(0, 4));
      }
      final String answer = child.done("stop", "", "");

      if (reason.isEmpty()) {
        assertThat(answer).contains("classes are as they were");
        assertThat(child.classes()).isEqualTo(classes);
      } else {
        assertThat(answer).contains("hidden in 1 open session", reason);
      }
      assertThat(child.tell("look a")).isEqualTo(look);
      assertThat(child.tell("run a 1 z,q,y")).isEqualTo(run);
      child.tell("close a");
      Machine.await(Duration.ofSeconds(30), () -> areBack(child, classes));
      assertThat(child.agentLines()).isEmpty();
    }
  }

  /** Waits for as many answers again. */
  private static void awaitAnswers(DrivenChild child) throws InterruptedException {
    long before = Long.parseLong(child.tell("hammered"));
    Machine.await(
        Duration.ofMinutes(1), () -> Long.parseLong(child.tell("hammered")) > before + 500);
  }

  private static boolean areBack(DrivenChild child, List<String> classes) {
    try {
      return child.classes().equals(classes);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
