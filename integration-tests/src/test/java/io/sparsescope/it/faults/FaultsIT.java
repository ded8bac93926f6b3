package io.sparsescope.it.faults;

import static io.sparsescope.onnx.Nodes.integer;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassReader;

class FaultsIT {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", ",sample=1/2", ",mode=shadow"})
  void theApplicationNoticesNoFailureOfTheAgent(String options) throws Exception {
    Path model = folder.resolve("model.onnx");
    Files.write(model, model("model"));
    Path untouched = folder.resolve("untouched.onnx");
    Files.write(untouched, model("untouched"));
    Path profile = folder.resolve("profile.json");

    ChildJvm.Result child =
        ChildJvm.of(Jdk.current(), FaultProgram.class.getName())
            .classPath(
                List.of(
                    locate(FaultProgram.class),
                    locate(OrtEnvironment.class),
                    locate(ClassReader.class)))
            .options("-javaagent:" + faultAgent() + "=" + switchJar())
            .agent(
                Repository.agentJar(),
                "log=off,interval=100ms,tap=op:Relu;op:Cast,models=model*,out=" + profile + options)
            .arguments(model.toString(), untouched.toString(), profile.toString())
            .run()
            .orThrow();

    assertThat(child.out().lines().filter(line -> line.startsWith("DIFFERENT"))).isEmpty();
    assertThat(child.out().lines().filter(line -> line.startsWith("UNCOUNTED"))).isEmpty();
    assertThat(number(child, "METHODS")).isGreaterThan(300);
    assertThat(number(child, "FIRED")).isGreaterThan(2 * 300);
    assertThat(number(child, "FAILURES")).isGreaterThan(300);
    // The JVM itself remarks on the boot class path.
    assertThat(child.err().lines().filter(line -> !line.contains("VM warning"))).isEmpty();
  }

  private static long number(ChildJvm.Result child, String key) {
    return child
        .out()
        .lines()
        .filter(line -> line.startsWith(key + " "))
        .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(child.out() + child.err()));
  }

  private Path faultAgent() throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Premain-Class", FaultAgent.class.getName());
    Path jar = folder.resolve("fault-agent.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      // Its class is on the class path.
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }

  /** The one class that both the application and the agent must see as the same. */
  private Path switchJar() throws IOException {
    Path jar = folder.resolve("fault-switch.jar");
    String name = FaultSwitch.class.getName().replace('.', '/') + ".class";
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        var bytes = FaultSwitch.class.getClassLoader().getResourceAsStream(name)) {
      entries.putNextEntry(new JarEntry(name));
      bytes.transferTo(entries);
    }
    return jar;
  }

  /**
   * x [n, 8], counted in all ways there are: behind a convolution, elsewhere, outside the graph.
   */
  private static byte[] model(String name) {
    return ModelBuilder.model(13)
        .graphName(name)
        .input("x", ElementType.FLOAT, -1, 8)
        .initializer("shape", new long[] {-1, 2, 2, 2}, 4)
        .initializer("w1", gaussian(16), 8, 2, 1, 1)
        .initializer("w2", gaussian(32 * 4), 32, 4)
        .node("Reshape", List.of("x", "shape"), List.of("image"), "reshape")
        .node("Conv", List.of("image", "w1"), List.of("c1"), "conv")
        .node("Relu", List.of("c1"), List.of("r1"), "relu1")
        .node("Flatten", List.of("r1"), List.of("f"), "flatten")
        .node("MatMul", List.of("f", "w2"), List.of("h2"), "fc")
        .node("Relu", List.of("h2"), List.of("r2"), "relu2")
        .node(
            "Cast", List.of("r2"), List.of("k"), "cast", integer("to", ElementType.INT32.number()))
        .output("r2", ElementType.FLOAT, -1, 4)
        .output("k", ElementType.INT32, -1, 4)
        .toBytes();
  }

  private static float[] gaussian(int elements) {
    Random random = new Random(elements);
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Path locate(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
