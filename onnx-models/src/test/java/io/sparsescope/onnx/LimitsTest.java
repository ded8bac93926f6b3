package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsTest {
  private static final int WEIGHTS = 128 << 20;

  @TempDir Path folder;

  @Test
  void aSmallHeapRewritesALargeModel() throws Exception {
    largeModel(WEIGHTS);
    assertThat(child(List.of("-Xmx24m"), "", "write")).isEqualTo("done");
    assertThat(folder.resolve("out.onnx").toFile())
        .hasSize(folder.resolve("plain.onnx").toFile().length());
    try (ModelFile written = ModelFile.open(folder.resolve("out.onnx"))) {
      assertThat(written.graph().nodes()).hasSize(2);
      assertThat(written.graph().initializers().get("w").elements()).isEqualTo(WEIGHTS / 4);
    }
  }

  @Test
  void aSmallHeapRewritesAModelWithThreeGigabytesBesideIt() throws Exception {
    Samples.external("w.bin", (3L << 30) - 16, 16).writeTo(folder.resolve("in.onnx"));
    assertThat(child(List.of("-Xmx24m"), "", "external")).isEqualTo("done");
    assertThat(folder.resolve("out.onnx")).exists();
  }

  /** A limit on file sizes fails in the middle of writing, as a full disk does. */
  @Test
  void aFullDiskLeavesNoPartialFile() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash to limit file sizes");
    largeModel(4 << 20);
    String answer = child(List.of("-XX:-UsePerfData"), "ulimit -f 1000; ", "write");
    assertThat(answer)
        .startsWith("refused: " + folder.resolve("plain.onnx") + ": cannot be written: ")
        .doesNotContain("\n");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("in.onnx"));
    }
  }

  /** s = sum of w, whose values are a hole in the file. */
  private void largeModel(int weights) throws IOException {
    byte[] head =
        ModelBuilder.model(13)
            .node("ReduceSum", List.of("w"), List.of("s"), "sum", Nodes.integer("keepdims", 0))
            .output("s", ElementType.FLOAT)
            .build()
            .toByteArray();
    byte[] tensor = Tensors.of("w", ElementType.FLOAT, weights / 4).build().toByteArray();
    byte[] raw = Wire.tag(9, weights);
    byte[] initializer =
        Wire.tag(GraphProto.INITIALIZER_FIELD_NUMBER, (long) tensor.length + raw.length + weights);
    long graph = (long) initializer.length + tensor.length + raw.length + weights;
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("in.onnx").toFile(), "rw")) {
      file.write(head);
      file.write(Wire.tag(ModelProto.GRAPH_FIELD_NUMBER, graph));
      file.write(initializer);
      file.write(tensor);
      file.write(raw);
      file.setLength(file.getFilePointer() + weights);
    }
  }

  private String child(List<String> options, String limit, String action) throws Exception {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(options);
    java.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ChildProcess.class.getName(),
            folder.toString(),
            action));
    List<String> command =
        limit.isEmpty()
            ? java
            : List.of("/bin/bash", "-c", limit + "exec '" + String.join("' '", java) + "'");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .directory(new File(System.getProperty("user.dir")))
            .start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    process.waitFor();
    return output;
  }
}
