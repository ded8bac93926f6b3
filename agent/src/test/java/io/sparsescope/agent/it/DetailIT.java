package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapDrift;
import io.sparsescope.profile.TapProfile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead channels and histograms as the agent finds them, against the program's own look. */
class DetailIT {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir Path folder;

  @BeforeEach
  void writeAReference() {
    new Profile(AgentInfo.of("", ""), List.of()).writeTo(folder.resolve("reference.json"));
  }

  @ParameterizedTest
  @CsvSource({"1.16.0, ''", "1.29.0, ''", "1.29.0, ',mode=shadow,sample=1/1'"})
  void areThoseThatTheProgramSees(String version, String options) throws Exception {
    writeModel(3, 1, 14);
    Child without = run(version, null);
    Child with = run(version, "tap=op:Relu,out=profile.json,reference=reference.json" + options);

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines()).isEmpty();
    Profile profile = Profile.read(folder.resolve("profile.json"));
    assertThat(profile.agent().failures()).isZero();
    List<TapProfile> taps = profile.models().get(0).runTaps();
    assertThat(taps).extracting(TapProfile::channels).containsExactly(16, 5, 6);
    for (TapProfile tap : taps) {
      assertThat(with.out().lines()).contains("DEAD " + tap.tensor() + " " + tap.deadChannels());
    }
    assertThat(taps.get(0).deadChannels()).contains(1, 14);
    assertThat(taps.get(2).deadChannels()).contains(3);
  }

  @Test
  void showInTheDriftOnceTheyDieAndAreNotLookedForWithoutAReference() throws Exception {
    writeModel(3, 1, 14);
    run("1.29.0", "tap=op:Relu,out=then.json,reference=reference.json");
    writeModel(3, 2, 14);
    run("1.29.0", "tap=op:Relu,out=now.json,reference=then.json");
    TapDrift drift =
        Drift.between(
                Profile.read(folder.resolve("then.json")), Profile.read(folder.resolve("now.json")))
            .models()
            .get(0)
            .taps()
            .get(0);
    assertThat(drift.newlyDead()).containsExactly(2);
    assertThat(drift.revived()).containsExactly(1);

    run("1.29.0", "tap=op:Relu,out=none.json");
    assertThat(Profile.read(folder.resolve("none.json")).models().get(0).runTaps())
        .extracting(TapProfile::channels)
        .containsOnlyNulls();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.16.0", "1.29.0"})
  void magnitudesAreThoseThatTheProgramSees(String version) throws Exception {
    writeModel(3, 1, 14);
    Child without = run(version, null);
    Child with = run(version, "tap=**,out=profile.json,histogram=true");

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines()).isEmpty();
    Profile profile = Profile.read(folder.resolve("profile.json"));
    assertThat(profile.agent().failures()).isZero();
    List<TapProfile> taps = profile.models().get(0).runTaps();
    assertThat(taps).hasSize(8).allSatisfy(tap -> assertThat(tap.histogram()).isNotNull());
    for (TapProfile tap : taps) {
      if (List.of("a", "b", "c").contains(tap.tensor())) {
        long[] counts = tap.histogram().counts();
        StringBuilder line = new StringBuilder("MAGNITUDES " + tap.tensor());
        for (int i = 0; i < counts.length; i++) {
          line.append(counts[i] == 0 ? "" : " " + (tap.histogram().first() + i) + ":" + counts[i]);
        }
        assertThat(with.out().lines()).contains(line.toString());
      }
    }
    assertThat(with.out()).contains("MAGNITUDES a ", "MAGNITUDES b ", "MAGNITUDES c ");
  }

  private Child run(String version, String options) throws Exception {
    String classPath = Machine.CLASSES + File.pathSeparator + Machine.onnxruntime(version);
    List<String> program =
        List.of("-cp", classPath, DetailProgram.class.getName(), "net.onnx", "7");
    List<String> arguments = new ArrayList<>(program);
    if (options != null) {
      arguments.add(0, "-javaagent:" + Machine.AGENT + "=" + options);
    }
    Child child = Child.run(JAVA, folder, arguments);
    assertThat(child.exitCode()).as(child.err()).isZero();
    return child;
  }

  /** x through Conv and Relu to a [n, 16, 8, 6], again to b [n, 5, 4, 3], through Gemm to c. */
  private void writeModel(int unit, int... dead) throws Exception {
    Random random = new Random(5);
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3, -1, -1)
            .initializer("w1", gauss(random, 16 * 3 * 9), 16, 3, 3, 3)
            .initializer("b1", bias(16, dead), 16)
            .node(
                "Conv",
                List.of("x", "w1", "b1"),
                List.of("ca"),
                "c1",
                Nodes.integers("pads", 1, 1, 1, 1))
            .node("Relu", List.of("ca"), List.of("a"), "r1")
            .initializer("w2", gauss(random, 5 * 16), 5, 16, 1, 1)
            .node("Conv", List.of("a", "w2"), List.of("cb"), "c2", Nodes.integers("strides", 2, 2))
            .node("Relu", List.of("cb"), List.of("b"), "r2")
            .node("GlobalAveragePool", List.of("b"), List.of("p"), "pool")
            .node("Flatten", List.of("p"), List.of("f"), "flatten")
            .initializer("w3", gauss(random, 5 * 6), 5, 6)
            .initializer("b3", bias(6, unit), 6)
            .node("Gemm", List.of("f", "w3", "b3"), List.of("g"), "fc")
            .node("Relu", List.of("g"), List.of("c"), "r3");
    for (String output : List.of("a", "b", "c")) {
      model.unshapedOutput(output, ElementType.FLOAT);
    }
    Files.write(folder.resolve("net.onnx"), model.toBytes());
  }

  private static float[] gauss(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] bias(int channels, int... dead) {
    float[] bias = new float[channels];
    Arrays.fill(bias, 2);
    Arrays.stream(dead).forEach(c -> bias[c] = -1e6f);
    return bias;
  }
}
