package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.export.TextFormat;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.BufferedReader;
import java.io.File;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What can be seen of the agent while the service runs, and that the service does not see it. */
class LiveIT {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final String CLASS_PATH =
      Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");
  private static final String SERVED = "sparsescope: metrics are served at ";

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  @Timeout(240)
  void showsWhileRunsGoOnWhatTheProfileTellsInTheEnd() throws Exception {
    Files.write(folder.resolve("tiny.onnx"), TestModels.tiny());
    Process process =
        new ProcessBuilder(
                JAVA.toString(),
                "-javaagent:" + Machine.AGENT + "=out=profile.json,metrics=0,log=info,tap=op:Relu",
                "-cp",
                CLASS_PATH,
                LiveProgram.class.getName(),
                "tiny.onnx")
            .directory(folder.toFile())
            .start();
    try (BufferedReader err = process.errorReader();
        BufferedReader out = process.inputReader();
        OutputStream in = process.getOutputStream()) {
      URI metrics = address(err);
      long seen = 0;
      for (int increases = 0; increases < 3; ) {
        long runs = runs(TextFormat.parse(get(metrics)));
        increases += runs > seen ? 1 : 0;
        seen = runs;
      }
      in.write('\n');
      in.flush();
      long runs = Long.parseLong(out.readLine());
      Map<String, Double> last = TextFormat.parse(get(metrics));
      Profile shown = Profile.parse("shown", get(metrics.resolve("/profile.json")));
      in.write('\n');
      in.flush();

      // The server keeps no JVM alive.
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
      Profile written = Profile.read(folder.resolve("profile.json"));
      assertThat(shown).isEqualTo(written);
      assertThat(runs(last)).isEqualTo(runs).isGreaterThanOrEqualTo(seen);
      assertSameCounts(written.models().get(0), last);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void assertSameCounts(ModelProfile model, Map<String, Double> metrics) {
    assertThat(model.runTaps()).hasSize(2);
    for (TapProfile tap : model.runTaps()) {
      Map<String, Long> counts = Map.of("elements", tap.elements(), "zeros", tap.zeros());
      counts.forEach(
          (name, count) ->
              assertThat(metrics.entrySet())
                  .filteredOn(
                      sample ->
                          sample.getKey().startsWith("sparsescope_" + name + "_total{")
                              && sample.getKey().contains("tensor=" + tap.tensor() + "}"))
                  .singleElement()
                  .satisfies(sample -> assertThat(sample.getValue().longValue()).isEqualTo(count)));
    }
  }

  @Test
  void saysThatThePortIsTakenAndLetsTheServiceGoOn() throws Exception {
    Experiment experiment = experiment();
    Child without = experiment.without();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Child with =
          experiment.with(
              "out=profile.json,metrics=" + taken.getLocalPort() + "," + Experiment.OPTIONS);

      assertThat(with.out()).isEqualTo(without.out());
      assertThat(with.agentLines())
          .filteredOn(LiveIT::isOfMetrics)
          .singleElement()
          .asString()
          .contains("metrics are not served at 127.0.0.1:" + taken.getLocalPort(), "in use");
    }
    assertThat(experiment.profile().agent().failures()).isEqualTo(1);
    assertThat(experiment.profile().agent().failureMessages().get(0)).contains("not served");
  }

  @Test
  void saysOnceThatNoCollectorIsThereAndKeepsItsLibrariesSilent() throws Exception {
    Experiment experiment = experiment();
    Child without = experiment.without();
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      closed = socket.getLocalPort();
    }
    Child with =
        experiment.with(
            "out=profile.json,interval=100ms,otlp=http://127.0.0.1:"
                + closed
                + ","
                + Experiment.OPTIONS);

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines())
        .filteredOn(LiveIT::isOfMetrics)
        .singleElement()
        .asString()
        .contains("could not be sent to http://127.0.0.1:" + closed + "/v1/metrics");
    assertThat(with.err().lines().filter(line -> !line.startsWith("sparsescope:")).count())
        .isEqualTo(without.err().lines().count());
    assertThat(experiment.profile().agent().failures()).isPositive();
  }

  @Test
  void loadsNothingOfItWhereNothingAsksForIt() throws Exception {
    Experiment experiment = experiment();
    experiment.run(
        List.of(
            "-Xlog:class+load:file=loaded.txt",
            "-javaagent:" + Machine.AGENT + "=out=profile.json," + Experiment.OPTIONS));

    assertThat(Files.readAllLines(folder.resolve("loaded.txt")))
        .anyMatch(line -> line.contains("io.sparsescope.agent.runtime.RunningAgent"))
        .noneMatch(line -> line.contains("io.sparsescope.agent.export"))
        .noneMatch(line -> line.contains("shaded.opentelemetry"))
        .noneMatch(line -> line.contains("shaded.prometheus"))
        .noneMatch(line -> line.contains("com.sun.net.httpserver"));
  }

  private static boolean isOfMetrics(String line) {
    return line.contains("metrics");
  }

  private Experiment experiment() throws Exception {
    return new Experiment(JAVA, folder, List.of("-cp", CLASS_PATH, OrtProgram.class.getName()));
  }

  private static URI address(BufferedReader err) throws Exception {
    StringBuilder said = new StringBuilder();
    for (String line = err.readLine(); line != null; line = err.readLine()) {
      if (line.startsWith(SERVED)) {
        return URI.create(line.substring(SERVED.length()));
      }
      said.append(line).append('\n');
    }
    throw new AssertionError("no address: " + said);
  }

  private static long runs(Map<String, Double> metrics) {
    return metrics.entrySet().stream()
        .filter(sample -> sample.getKey().startsWith("sparsescope_runs_total{model=tiny.onnx,"))
        .mapToLong(sample -> sample.getValue().longValue())
        .sum();
  }

  private String get(URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }
}
