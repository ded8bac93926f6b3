package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The native operators count exactly, NaNs too, of which the blocked layout's standard operators
 * only say that they are there: that tells who has counted.
 */
class NativeCountIT {
  private static final long ELEMENTS = 2 * 16 * 3 * 300;

  @TempDir Path folder;

  @BeforeEach
  void needsTheLibrary() throws IOException {
    boolean built = Machine.hasNativeLibrary();
    if (!built) {
      System.out.println("NOTICE: the agent has no native library here: its tests are skipped");
    }
    assumeTrue(built);
  }

  @ParameterizedTest
  @CsvSource({
    "1.18.0, auto",
    "1.20.0, auto",
    "1.21.1, native",
    "1.29.0, native",
    "1.29.0, auto",
    "1.29.0, 'native,sample=1/2'",
    "1.29.0, 'native,mode=shadow'"
  })
  void countsInTheBlockedLayoutAndOutsideOfIt(String version, String counting) throws Exception {
    Path model = write(graph());
    Profile profile = compare(version, model, "ALL_OPT", counting);
    assertExact(tap(profile, "r"));
    assertExact(tap(profile, "f"));
  }

  /** A large model that somebody may write is read from a pipe; also by the oldest ONNX Runtime. */
  @ParameterizedTest
  @CsvSource({"1.16.0, ''", "1.20.0, ''", "1.29.0, ''", "1.29.0, 'sample=1/2,'"})
  void readsALargeModelFromAPipe(String version, String options) throws Exception {
    Path model = write(large());

    Child with;
    try (FileChannel writer = FileChannel.open(model, StandardOpenOption.WRITE)) {
      with = run(version, model, "ALL_OPT", "native," + options + "log=debug");
      assertThat(writer.isOpen()).isTrue();
    }

    assertExact(tap(cleanProfile(), "r"));
    assertThat(with.agentLines()).anyMatch(line -> line.contains("was read from a pipe"));
    assertThat(with.agentLines()).noneMatch(line -> line.contains("not in pipes"));
  }

  /** So is one that nobody writes, from a mapping, and planned for the first session only. */
  @ParameterizedTest
  @CsvSource({"1.20.0, native", "1.29.0, native", "1.29.0, onnx"})
  void readsALargeModelFromAMapping(String version, String counting) throws Exception {
    Path model = write(large());
    waitUntilSettled(model);

    int sessions = counting.equals("onnx") ? 1 : 3;
    Child with = run(version, model, "ALL_OPT", counting + ",log=debug", sessions);

    Profile profile = cleanProfile();
    if (counting.equals("onnx")) {
      // The native library is not loaded then.
      assertThat(with.agentLines()).noneMatch(line -> line.contains("from a mapping"));
      assertExact(tap(profile, "f"));
    } else {
      assertThat(with.agentLines()).filteredOn(line -> line.contains("from a mapping")).hasSize(3);
      assertExact(tap(profile, "r"), 3);
      assertExact(tap(profile, "f"), 3);
      assertThat(profile.models().get(0).sessions()).isEqualTo(3);
    }
  }

  /** Only then is it sure that a change would show in the file's times. */
  private static void waitUntilSettled(Path model) throws Exception {
    long changed = ((FileTime) Files.getAttribute(model, "unix:ctime")).toMillis();
    while (System.currentTimeMillis() - changed <= 3000) {
      Thread.sleep(50);
    }
  }

  private static GraphProto.Builder large() {
    GraphProto.Builder graph = graph();
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName("large")
            .setDataType(1)
            .addDims(1 << 20)
            .setRawData(ByteString.copyFrom(new byte[4 << 20])));
    graph.addNode(node("ReduceSum", "sum", "large"));
    graph.addNode(node("Add", "out", "sum", "x"));
    return graph.addOutput(value("out", 2, 16, 3, 300));
  }

  @Test
  void countsByStandardOperatorsWhenAsked() throws Exception {
    Profile profile = compare("1.29.0", write(graph()), "ALL_OPT", "onnx");
    assertThat(tap(profile, "r").nanRuns()).isEqualTo(1);
    assertExact(tap(profile, "f"));
  }

  /** Without level 3 there is no blocked layout, and a GlobalMaxPool would be what it says. */
  @ParameterizedTest
  @ValueSource(strings = {"NO_OPT", "BASIC_OPT", "EXTENDED_OPT"})
  void countsByStandardOperatorsWhereThereIsNoBlockedLayout(String level) throws Exception {
    Profile profile = compare("1.29.0", write(graph()), level, "native");
    assertThat(tap(profile, "r").nanRuns()).isEqualTo(1);
    assertExact(tap(profile, "f"));
  }

  @Test
  void leavesAPoolOfTheModelsOwnAlone() throws Exception {
    GraphProto.Builder graph = graph();
    graph.addNode(node("GlobalMaxPool", "p", "r")).addOutput(value("p", 16, 1, 1));
    Profile profile = compare("1.29.0", write(graph), "ALL_OPT", "native");
    assertExact(tap(profile, "r"));
  }

  private Profile compare(String version, Path model, String level, String counting)
      throws Exception {
    assertThat(run(version, model, level, counting).agentLines()).isEmpty();
    return cleanProfile();
  }

  private Child run(String version, Path model, String level, String counting) throws Exception {
    return run(version, model, level, counting, 1);
  }

  /** The same outputs as without the agent. */
  private Child run(String version, Path model, String level, String counting, int sessions)
      throws Exception {
    Path java =
        Machine.java(17).orElseGet(() -> Path.of(System.getProperty("java.home"), "bin/java"));
    List<String> program =
        List.of(
            "-cp",
            Machine.CLASSES + ":" + Machine.onnxruntime(version),
            CountedProgram.class.getName(),
            model.toString(),
            level,
            Integer.toString(sessions));
    Child without = Child.run(java, folder, program);
    assertThat(without.exitCode()).as(without.err()).isZero();
    List<String> withAgent = new ArrayList<>();
    Path out = folder.resolve("profile.json");
    withAgent.add(
        "-javaagent:" + Machine.AGENT + "=tap=op:Relu,out=" + out + ",counting=" + counting);
    withAgent.addAll(program);
    Child with = Child.run(java, folder, withAgent);
    assertThat(with.exitCode()).as(with.err()).isZero();
    assertThat(with.out()).isEqualTo(without.out());
    return with;
  }

  /** Nothing failed, and no file of the agent's is left. */
  private Profile cleanProfile() throws IOException {
    Profile profile = Profile.read(folder.resolve("profile.json"));
    assertThat(profile.agent().failureMessages()).isEmpty();
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("sparsescope"));
    }
    return profile;
  }

  private static void assertExact(TapProfile tap) {
    assertExact(tap, 1);
  }

  private static void assertExact(TapProfile tap, int runs) {
    long zeros = 0;
    long nans = 0;
    for (float x : CountedProgram.input()) {
      zeros += x <= 0 ? 1 : 0;
      nans += Float.isNaN(x) ? 1 : 0;
    }
    assertThat(List.of(tap.runs(), tap.elements(), tap.zeros(), tap.nan(), tap.nanRuns()))
        .isEqualTo(List.of((long) runs, runs * ELEMENTS, runs * zeros, runs * nans, 0L));
  }

  private static TapProfile tap(Profile profile, String tensor) {
    return profile.models().get(0).taps().stream()
        .filter(tap -> tap.tensor().equals(tensor))
        .findFirst()
        .orElseThrow();
  }

  /** x through a convolution that changes nothing and Relu to r; flat and through Relu to f. */
  private static GraphProto.Builder graph() {
    TensorProto.Builder ones = TensorProto.newBuilder().setName("w").setDataType(1);
    ones.addAllDims(List.of(16L, 1L, 1L, 1L));
    for (int i = 0; i < 16; i++) {
      ones.addFloatData(1);
    }
    AttributeProto group =
        AttributeProto.newBuilder()
            .setName("group")
            .setType(AttributeProto.AttributeType.INT)
            .setI(16)
            .build();
    return GraphProto.newBuilder()
        .setName("counted")
        .addInput(value("x", 16, 3, 300))
        .addInitializer(ones)
        .addNode(node("Conv", "c", "x", "w").toBuilder().addAttribute(group))
        .addNode(node("Relu", "r", "c"))
        .addNode(node("Flatten", "g", "r"))
        .addNode(node("Relu", "f", "g"))
        .addOutput(value("f", 14400));
  }

  private Path write(GraphProto.Builder graph) throws IOException {
    return Files.write(
        folder.resolve("counted.onnx"),
        ModelProto.newBuilder()
            .setIrVersion(7)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
            .setGraph(graph)
            .build()
            .toByteArray());
  }

  private static NodeProto node(String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .setName(op + output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static ValueInfoProto value(String name, int... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("n"));
    for (int dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }
}
