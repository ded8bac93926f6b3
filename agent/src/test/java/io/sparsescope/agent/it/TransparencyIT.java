package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.profile.Profile;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application sees is the same with the agent as without, to the last byte. */
class TransparencyIT {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "17, 1.16.0",
    "17, 1.17.3",
    "17, 1.18.0",
    "17, 1.20.0",
    "17, 1.21.1",
    "17, 1.29.0",
    "25, 1.16.0",
    "25, 1.21.1",
    "25, 1.29.0"
  })
  void onTheClassPath(int feature, String version) throws Exception {
    Profile profile = compare(feature, onTheClassPath(version), Experiment.OPTIONS);

    assertThat(profile.agent().onnxruntime()).isEqualTo(version);
  }

  @ParameterizedTest
  @CsvSource({
    "17, 1.18.0, 'sample=1/3'", "17, 1.29.0, 'sample=budget=5%'",
    "17, 1.18.0, 'mode=shadow'", "25, 1.29.0, 'mode=shadow,sample=1/3'"
  })
  void withASessionOfOursBesideTheApplications(int feature, String version, String options)
      throws Exception {
    Experiment experiment =
        experiment(
            feature,
            List.of("-cp", classPath(Machine.onnxruntime(version)), OrtProgram.class.getName()));
    Child without = experiment.without();
    Child with = experiment.with("out=profile.json," + options + "," + Experiment.OPTIONS);

    assertThat(with.out()).isEqualTo(without.out());
    Profile profile = experiment.profile();
    assertThat(profile.agent().failureMessages()).isEmpty();
    assertThat(profile.agent().failures()).isZero();
    assertThat(profile.models()).anySatisfy(m -> assertThat(m.sampledRuns()).isPositive());
    experiment.assertClean();
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 25})
  void onTheModulePath(int feature) throws Exception {
    compare(
        feature,
        List.of(
            "--module-path",
            Machine.onnxruntime("1.29.0").toString(),
            "--add-modules",
            "com.microsoft.onnxruntime",
            "-cp",
            Machine.CLASSES.toString(),
            OrtProgram.class.getName()),
        Experiment.OPTIONS);
  }

  @Test
  void inAModuleOfAnApplicationThatIsMadeOfModules() throws Exception {
    Path module = ModularProgram.writeTo(folder.resolve("application"));
    compare(
        17,
        List.of(
            "--module-path",
            module + File.pathSeparator + Machine.onnxruntime("1.29.0"),
            "--module",
            ModularProgram.NAME + "/" + OrtProgram.class.getName()),
        Experiment.OPTIONS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"platform", "boot", "child-first"})
  void inALoaderOfItsOwn(String loader) throws Exception {
    // The child-first loader's parent has another version, which must stay unused.
    Profile profile =
        compare(
            17,
            List.of(
                "-Dloader=" + loader,
                "-Dprogram=" + classPath(Machine.onnxruntime("1.29.0")),
                "-cp",
                classPath(Machine.onnxruntime("1.18.0")),
                IsolatedProgram.class.getName()),
            Experiment.OPTIONS);

    assertThat(profile.agent().onnxruntime()).isEqualTo("1.29.0");
  }

  @Test
  void inTwoLoadersAtOnce() throws Exception {
    Experiment experiment =
        experiment(
            17,
            List.of(
                "-Dprogram=" + classPath(Machine.onnxruntime("1.29.0")),
                "-cp",
                Machine.CLASSES.toString(),
                LoadersProgram.class.getName()));
    Child without = experiment.without();
    Child with = experiment.with("out=profile.json," + Experiment.OPTIONS);

    assertThat(without.out().lines().filter(line -> line.startsWith("EXPECT"))).hasSize(8);
    assertThat(with.out()).isEqualTo(without.out());
    Profile profile = experiment.profile();
    assertThat(profile.agent().failureMessages()).isEmpty();
    Experiment.assertCounts(profile, with.out());
    experiment.assertClean();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void besideTheAgentOfOpenTelemetry(boolean ourselvesFirst) throws Exception {
    Experiment experiment = experiment(17, onTheClassPath("1.29.0"));
    Child without = experiment.without();
    String ours = "-javaagent:" + Machine.AGENT + "=out=profile.json," + Experiment.OPTIONS;
    String theirs = "-javaagent:" + Machine.OPENTELEMETRY;
    List<String> agents = new ArrayList<>(List.of(ours, theirs));
    if (!ourselvesFirst) {
      Collections.reverse(agents);
    }
    agents.addAll(
        List.of(
            "-Dotel.traces.exporter=none",
            "-Dotel.metrics.exporter=none",
            "-Dotel.logs.exporter=none"));
    Child with = experiment.run(agents);

    assertThat(with.err()).contains("opentelemetry-javaagent - version");
    assertThat(with.err()).doesNotContain("ERROR", "Exception");
    assertThat(with.out()).isEqualTo(without.out());
    Profile profile = experiment.profile();
    assertThat(profile.agent().failureMessages()).isEmpty();
    Experiment.assertCounts(profile, with.out());
  }

  @Test
  void attachedToARunningApplicationThatHasLoadedOnnxRuntime() throws Exception {
    Experiment experiment =
        experiment(
            17,
            List.of(
                "-Djdk.attach.allowAttachSelf=true",
                "-cp",
                classPath(Machine.onnxruntime("1.29.0")),
                AttachingProgram.class.getName()));
    Child without = experiment.without();
    Child with =
        experiment.run(
            List.of(
                "-Dagent=" + Machine.AGENT, "-Doptions=out=profile.json," + Experiment.OPTIONS));

    assertThat(with.out()).isEqualTo(without.out());
    Experiment.assertCounts(experiment.profile(), with.out());
  }

  /** The same outputs; counts that the program has counted itself; nothing failed, nothing left. */
  private Profile compare(int feature, List<String> application, String options) throws Exception {
    Experiment experiment = experiment(feature, application);
    Child without = experiment.without();
    Child with = experiment.with("out=profile.json," + options);

    assertThat(with.out()).isEqualTo(without.out());
    Profile profile = experiment.profile();
    assertThat(profile.agent().failureMessages()).isEmpty();
    assertThat(profile.agent().failures()).isZero();
    assertThat(profile.agent().note()).isEmpty();
    Experiment.assertCounts(profile, with.out());
    assertThat(with.agentLines())
        .singleElement()
        .asString()
        .contains("other.onnx is not instrumented", "save the optimized model");
    experiment.assertClean();
    return profile;
  }

  private Experiment experiment(int feature, List<String> application) throws Exception {
    Optional<Path> java = Machine.java(feature);
    assumeTrue(java.isPresent(), () -> "no JDK " + feature);
    return new Experiment(java.get(), folder, application);
  }

  private static List<String> onTheClassPath(String version) {
    return List.of("-cp", classPath(Machine.onnxruntime(version)), OrtProgram.class.getName());
  }

  private static String classPath(Path onnxruntime) {
    return Machine.CLASSES + File.pathSeparator + onnxruntime;
  }
}
