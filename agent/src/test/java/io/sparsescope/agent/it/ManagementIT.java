package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent through JMX. */
class ManagementIT {
  @TempDir Path folder;

  @Test
  void isSeenAndDirectedThroughTheJvmsOwnServerOnceThereIsOne() throws Exception {
    TestModels.writeTo(folder);
    String classPath = Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");
    Child child =
        Child.run(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            folder,
            List.of(
                "-javaagent:" + Machine.AGENT + "=out=none,tap=op:Relu,reference=none.json",
                "-cp",
                classPath,
                ManagedProgram.class.getName(),
                "tiny.onnx"));

    assertThat(child.exitCode()).as(child.err()).isZero();
    assertThat(child.agentLines())
        .singleElement()
        .asString()
        .contains("no drift is shown", "none.json: no such file");
    Path dumped = folder.toRealPath().resolve("dumped.json");
    assertThat(child.out().lines())
        .usingElementComparator((line, start) -> line.startsWith(start) ? 0 : 1)
        .containsExactly(
            "servers before: 0",
            "Models=1 Runs=3 SampledRuns=3 Failures=0 OnnxRuntime=1.29.0",
            "Models=1 Runs=2 SampledRuns=2 Failures=0 OnnxRuntime=1.29.0",
            "dumped: " + dumped,
            "stopped: agent stopped",
            "running: false",
            "started: agent ",
            "Models=1 Runs=4 SampledRuns=4 Failures=0 OnnxRuntime=1.29.0",
            "wrong: java.lang.IllegalArgumentException: unknown option nonsense");
    ModelProfile model = Profile.read(dumped).models().get(0);
    assertThat(model.sessions()).isEqualTo(1);
    assertThat(model.sampledRuns()).isEqualTo(2);
    assertThat(model.taps().get(0).elements()).isEqualTo(32);
  }
}
