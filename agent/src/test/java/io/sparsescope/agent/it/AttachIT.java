package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent in a JVM that runs already: started, asked, stopped and started again. */
class AttachIT {
  private static final String OPTIONS = "tap=op:Relu,models={tiny,other}*,interval=1h";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {17, 25})
  void startsStopsAndStartsAgainWithoutATrace(int feature) throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeThat(java).isPresent();
    try (DrivenChild child = DrivenChild.start(java.get(), folder)) {
      child.tell("open exposed exposed");
      child.tell("open old tiny");
      String look = child.tell("look old");
      String run = child.tell("run old 1 z,q,y");
      String inner = child.tell("run exposed 1 r1,y");
      List<String> classes = child.classes();

      assertThat(child.done("start", "options", OPTIONS)).contains("started");
      assertThat(child.classes()).isNotEqualTo(classes);
      child.tell("open new tiny");
      assertThat(child.tell("look new")).isEqualTo(look);
      assertThat(child.tell("run new 1 z,q,y")).isEqualTo(run);
      assertThat(child.tell("look old")).isEqualTo(look);
      assertThat(child.tell("run old 1 z,q,y")).isEqualTo(run);
      Profile first = dump(child, "first.json");
      assertObserved(first, run, 1);
      Map<String, TapProfile> taps = instrumented(first);
      assertThat(taps.keySet()).containsExactly("r1", "y");
      assertCounts(taps.get("r1"), inner, 1);
      assertCounts(taps.get("y"), inner, 1);

      assertStopped(child.done("stop", "", ""), 1);
      assertThat(child.tell("threads")).isEqualTo("[]");
      assertThat(child.tell("look new")).isEqualTo(look);
      assertThat(child.tell("run new 1 z,q,y")).isEqualTo(run);
      assertThat(child.tell("look old")).isEqualTo(look);
      assertThat(child.tell("run old 1 z,q,y")).isEqualTo(run);
      assertThat(instrumented(dump(child, "second.json"))).isEqualTo(taps);

      assertThat(child.done("start", "options", OPTIONS)).contains("started");
      assertThat(child.tell("look new")).isEqualTo(look);
      assertThat(child.tell("run new 1 z,q,y")).isEqualTo(run);
      child.tell("open newer tiny");
      assertThat(child.tell("run newer 1 z,q,y")).isEqualTo(run);
      assertThat(child.tell("run newer 1 z,q,y")).isEqualTo(run);
      assertThat(child.tell("look newer")).isEqualTo(look);
      Profile third = dump(child, "third.json");
      // The session that the first start has seen created is older than the second.
      assertObserved(third, run, 1);
      taps = instrumented(third);
      assertCounts(taps.get("r1"), inner, 2);
      assertCounts(taps.get("y"), inner, 2);

      child.tell("close new");
      child.tell("close newer");
      assertThat(child.done("stop", "", "")).contains("classes are as they were");
      assertThat(child.classes()).isEqualTo(classes);
      assertThat(child.tell("threads")).isEqualTo("[]");
      assertThat(child.tell("look old")).isEqualTo(look);
      assertThat(child.tell("run old 1 z,q,y")).isEqualTo(run);
      child.tell("open last tiny");
      assertThat(child.tell("look last")).isEqualTo(look);
      assertThat(child.tell("run last 1 z,q,y")).isEqualTo(run);
      assertThat(child.agentLines()).isEmpty();
    }
  }

  private static void assertStopped(String answer, int sessions) throws IOException {
    if (Machine.hasNativeLibrary()) {
      assertThat(answer).contains("classes are as they were");
    } else {
      assertThat(answer).contains("hidden in " + sessions + " open session");
    }
  }

  /** Without the native library nothing can take the place of a rewritten model's session. */
  @Test
  void givesTheClassesBackWhenTheLastRewrittenSessionIsClosed() throws Exception {
    try (DrivenChild child = DrivenChild.start(Machine.java(17).orElseThrow(), folder)) {
      List<String> classes = child.classes();
      child.done("start", "options", OPTIONS + ",counting=onnx");
      child.tell("open a tiny");
      child.tell("open b other");
      String look = child.tell("look a");
      assertThat(child.done("stop", "", ""))
          .contains("hidden in 2 open sessions", "no native library");
      child.tell("close a");
      assertThat(child.tell("look b")).isEqualTo(look);
      assertThat(child.classes()).isNotEqualTo(classes);
      child.tell("close b");

      Machine.await(Duration.ofSeconds(30), () -> classes(child).equals(classes));
      Machine.await(Duration.ofSeconds(30), () -> child.tell("threads").equals("[]"));
      assertThat(child.agentLines()).isEmpty();
    }
  }

  @Test
  void changesNoResultOfARunThatIsUnderWay() throws Exception {
    try (DrivenChild child = DrivenChild.start(Machine.java(17).orElseThrow(), folder)) {
      child.tell("open old tiny");
      child.tell("busy old");
      for (int i = 0; i < 5; i++) {
        child.done("start", "options", OPTIONS);
        child.done("stop", "", "");
      }
      assertThat(child.tell("idle")).isEqualTo("failures []");
      child.done("start", "options", OPTIONS);
      child.tell("open new tiny");
      child.tell("busy new");
      for (int i = 0; i < 5; i++) {
        child.done("stop", "", "");
        child.done("start", "options", OPTIONS);
      }
      assertThat(child.tell("idle")).isEqualTo("failures []");
      assertThat(child.agentLines()).isEmpty();
    }
  }

  @Test
  void answersWithWhatIsWrongAndLeavesTheApplicationAlone() throws Exception {
    try (DrivenChild child =
        DrivenChild.start(
            Machine.java(17).orElseThrow(),
            folder,
            "-javaagent:" + Machine.AGENT + "=out=none," + OPTIONS)) {
      assertThat(child.ask("start", "options", OPTIONS).getProperty("text"))
          .contains("runs already", "ignored");
      child.attach(OPTIONS);
      assertThat(child.agentLines()).singleElement().asString().contains("runs already");
      assertThat(child.ask("dump", "", "").getProperty("text")).contains("no profile file");
      assertThat(child.ask("stop", "version", "0.0.7").getProperty("text"))
          .contains("this command is version 0.0.7");
      child.tell("open new tiny");
      assertThat(child.tell("look new")).startsWith("5 [");
      assertThat(child.ask("status", "", "").getProperty("result"))
          .contains("\"running\":true", "\"onnxruntime\":\"1.29.0\"", "\"name\":\"tiny.onnx\"");
      child.done("stop", "", "");
      assertThat(child.ask("start", "options", "tip=x").getProperty("text"))
          .contains("unknown option tip");
      assertThat(child.ask("status", "", "").getProperty("result")).contains("\"running\":false");
      assertThat(child.tell("look new")).startsWith("5 [");
    }
  }

  /** What such options ask for cannot be seen any more, and must not be asked of us, too. */
  @ParameterizedTest
  @CsvSource({
    "25, 'counting=auto', false",
    "17, 'counting=auto', true",
    "17, 'counting=auto,sample=1/2', false",
    "17, 'counting=auto,mode=shadow', true",
    "17, 'counting=onnx', true"
  })
  void leavesToTheApplicationWhatOptionsFromBeforeItCameAskFor(
      int feature, String more, boolean profiles) throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeThat(java).isPresent();
    Path saved = folder.resolve("saved.onnx");
    try (DrivenChild child = DrivenChild.start(java.get(), folder)) {
      child.tell("options old");
      child.tell("save old " + saved);
      if (profiles) {
        child.tell("profile old " + folder.resolve("trace"));
      }
      child.tell("open without tiny old");
      final String look = child.tell("look without");
      final String run = child.tell("run without 1 z,q,y");
      child.tell("close without");
      final byte[] expected = Files.readAllBytes(saved);
      child.tell("options inner");
      child.tell("open exposed exposed inner");
      String inner = child.tell("run exposed 1 r1,y");
      Files.delete(saved);
      for (Path trace : traces()) {
        Files.delete(trace);
      }

      child.done("start", "options", OPTIONS + "," + more);
      child.tell("open with tiny old");
      assertThat(saved).hasBinaryContent(expected);
      assertThat(child.tell("look with")).isEqualTo(look);
      for (int i = 0; i < 2; i++) {
        assertThat(child.tell("run with 1 z,q,y")).isEqualTo(run);
      }
      boolean apart = Machine.hasNativeLibrary() && !more.contains("onnx");
      boolean shadow = more.contains("shadow");
      if (shadow && apart) {
        // When a session is closed its waiting runs are dropped.
        Machine.await(Duration.ofSeconds(30), () -> countedRuns(child, "r1") == 2);
      }
      child.tell("close with");
      assertThat(saved).hasBinaryContent(expected);
      int sampled = profiles ? 0 : more.contains("1/2") ? 1 : 2;
      assertThat(traces())
          .hasSize(profiles ? 1 : 0)
          .allSatisfy(trace -> assertOfTheApplicationsRuns(trace, 2));

      child.tell("options new");
      child.tell("open newer tiny new");
      assertThat(child.tell("run newer 1 z,q,y")).isEqualTo(run);
      child.done("stop", "", "");
      Profile profile = dump(child, "profile.json");
      assertThat(profile.agent().failureMessages()).isEmpty();
      assertThat(child.agentLines()).isEmpty();
      if (!apart) {
        assertObserved(profile, run, 2, "without the agent's native library");
      }
      TapProfile r1 = instrumented(profile).get("r1");
      if (shadow) {
        assertCounts(r1, inner, (int) r1.runs());
      } else {
        assertCounts(r1, inner, (apart ? sampled : 0) + 1);
      }
    }
  }

  private long countedRuns(DrivenChild child, String tensor) {
    try {
      TapProfile tap = instrumented(dump(child, "now.json")).get(tensor);
      return tap == null ? 0 : tap.runs();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private List<Path> traces() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith("trace")).toList();
    }
  }

  /** ONNX Runtime's profile of so many runs, and of no node of ours. */
  private static void assertOfTheApplicationsRuns(Path trace, int runs) throws IOException {
    assertThat(Files.readString(trace))
        .doesNotContain("sparsescope")
        .endsWith("]\n")
        .satisfies(text -> assertThat(text.split("\"model_run\"", -1)).hasSize(runs + 1));
  }

  @Test
  void leavesNoPortOpen() throws Exception {
    try (DrivenChild child = DrivenChild.start(Machine.java(17).orElseThrow(), folder)) {
      child.tell("open any tiny");
      child.done("start", "options", OPTIONS + ",metrics=0");
      String metrics =
          new ObjectMapper()
              .readTree(child.ask("status", "", "").getProperty("result"))
              .get("metrics")
              .asText();
      int port = Integer.parseInt(metrics.substring(metrics.lastIndexOf(':') + 1));
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", port);
      try (Socket socket = new Socket()) {
        socket.connect(address, 5000);
        assertThat(socket.isConnected()).isTrue();
      }

      child.done("stop", "", "");
      try (Socket socket = new Socket()) {
        assertThatThrownBy(() -> socket.connect(address, 5000))
            .isInstanceOf(ConnectException.class);
      }
      assertThat(child.tell("threads")).isEqualTo("[]");
    }
  }

  private static List<String> classes(DrivenChild child) {
    try {
      return child.classes();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Profile dump(DrivenChild child, String name) throws Exception {
    Path file = folder.resolve(name);
    child.done("dump", "file", file.toString());
    return Profile.read(file);
  }

  /**
   * The taps of the one model that has any, by tensor, those that count inputs and outputs apart.
   */
  private static Map<String, TapProfile> instrumented(Profile profile) {
    Map<String, TapProfile> taps = new LinkedHashMap<>();
    for (ModelProfile model : profile.models()) {
      for (TapProfile tap : model.runTaps()) {
        if (!tap.node().isEmpty()) {
          taps.put(tap.tensor(), tap);
        }
      }
    }
    return taps;
  }

  /** Inputs and outputs of a session that was there before; nothing of what was not asked for. */
  private static void assertObserved(Profile profile, String run, int times) {
    assertObserved(profile, run, times, "existed before the agent");
  }

  private static void assertObserved(Profile profile, String run, int times, String reason) {
    ModelProfile model =
        profile.models().stream().filter(m -> m.name().equals("tiny graph")).findFirst().get();
    assertThat(model.skipped()).singleElement().asString().contains(reason);
    assertThat(model.runs()).isEqualTo(times);
    assertThat(model.sampledRuns()).isEqualTo(times);
    assertThat(model.runTaps())
        .extracting(tap -> tap.op() + " " + tap.tensor() + " " + tap.runs())
        .containsExactly(
            "input x " + times,
            "output y " + times,
            "output z " + times,
            "output sum 0",
            "output q " + times,
            "output ksum 0");
    for (String tensor : List.of("x", "y", "z", "q")) {
      assertCounts(
          model.runTaps().stream().filter(t -> t.tensor().equals(tensor)).findFirst().get(),
          run,
          times);
    }
  }

  /** As many times what the program has counted in a run. */
  private static void assertCounts(TapProfile tap, String run, int times) {
    String[] words = run.substring(0, run.indexOf('=')).split(" ");
    for (int i = 0; i < words.length; i += 3) {
      if (words[i].equals(tap.tensor())) {
        assertThat(tap.runs()).isEqualTo(times);
        assertThat(tap.elements()).isEqualTo(times * Long.parseLong(words[i + 1]));
        assertThat(tap.zeros()).isEqualTo(times * Long.parseLong(words[i + 2]));
        return;
      }
    }
    throw new AssertionError(tap.tensor() + " is not in " + run);
  }
}
