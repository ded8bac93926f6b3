package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {

  @Test
  void followsThePathOfAnImageThroughAClassifier() {
    Map<String, List<Long>> shapes =
        ShapeInference.infer(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, -1, 3, 32, 32)
                .initializer("w", new float[8 * 3 * 25], 8, 3, 5, 5)
                .initializer("v", new float[8 * 15 * 15 * 10], 10, 8 * 15 * 15)
                .node(
                    "Conv", List.of("x", "w"), List.of("c"), "", Nodes.integers("pads", 1, 1, 1, 1))
                .node("Relu", List.of("c"), List.of("r"), "")
                .node(
                    "MaxPool",
                    List.of("r"),
                    List.of("p"),
                    "",
                    Nodes.integers("kernel_shape", 2, 2),
                    Nodes.integers("strides", 2, 2))
                .node("Flatten", List.of("p"), List.of("f"), "")
                .node("Gemm", List.of("f", "v"), List.of("y"), "", Nodes.integer("transB", 1))
                .unshapedOutput("y", ElementType.FLOAT)
                .toModel("m"));
    assertThat(shapes)
        .containsEntry("x", List.of(-1L, 3L, 32L, 32L))
        .containsEntry("w", List.of(8L, 3L, 5L, 5L))
        .containsEntry("c", List.of(-1L, 8L, 30L, 30L))
        .containsEntry("r", List.of(-1L, 8L, 30L, 30L))
        .containsEntry("p", List.of(-1L, 8L, 15L, 15L))
        .containsEntry("f", List.of(-1L, 1800L))
        .containsEntry("y", List.of(-1L, 10L));
  }

  /** {@code x.view(x.size(0), -1)}, as PyTorch exports it. */
  @Test
  void followsShapesThatTheGraphComputes() {
    ModelBuilder model = ModelBuilder.model(13).input("x", ElementType.FLOAT, -1, 4, 5, 6);
    batchOf(model)
        .initializer("rest", new long[] {-1}, 1)
        .node("Concat", List.of("batch", "rest"), List.of("target"), "", Nodes.integer("axis", 0))
        .node("Reshape", List.of("x", "target"), List.of("y"), "")
        .unshapedOutput("y", ElementType.FLOAT);
    assertThat(ShapeInference.infer(model.toModel("m"))).containsEntry("y", List.of(-1L, 120L));
  }

  @Test
  void batchThatIsNotKnownCancelsOutOfAReshape() {
    ModelBuilder model = ModelBuilder.model(13).input("x", ElementType.FLOAT, -1, 4, 5, 6);
    batchOf(model)
        .initializer("rest", new long[] {2, -1, 3}, 3)
        .node("Concat", List.of("rest", "batch"), List.of("target"), "", Nodes.integer("axis", 0))
        .node("Reshape", List.of("x", "target"), List.of("y"), "")
        .initializer("flat", new long[] {-1, 120}, 2)
        .node("Reshape", List.of("y", "flat"), List.of("z"), "")
        .node("Reshape", List.of("z", "target"), List.of("again"), "")
        .unshapedOutput("again", ElementType.FLOAT);
    assertThat(ShapeInference.infer(model.toModel("m")))
        .containsEntry("target", List.of(4L))
        .containsEntry("y", List.of(2L, 20L, 3L, -1L))
        .containsEntry("z", List.of(-1L, 120L))
        .containsEntry("again", List.of(2L, 20L, 3L, -1L));
  }

  private static ModelBuilder batchOf(ModelBuilder model) {
    return model
        .initializer("zero", new long[] {0})
        .initializer("axes", new long[] {0}, 1)
        .node("Shape", List.of("x"), List.of("shape"), "")
        .node("Gather", List.of("shape", "zero"), List.of("n"), "")
        .node("Unsqueeze", List.of("n", "axes"), List.of("batch"), "");
  }

  @Test
  void declaredDimensionsGoFirstAndInferredOnesFillThem() {
    Map<String, List<Long>> shapes =
        ShapeInference.infer(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, -1, 4)
                .valueInfo(Values.tensor("unknown", ElementType.FLOAT, 7, -1))
                .node(Nodes.node("own", "Mystery", List.of("x"), List.of("unknown"), ""))
                .node("Relu", List.of("x"), List.of("y"), "")
                .output("y", ElementType.FLOAT, 3, -1)
                .importing("own", 1)
                .toModel("m"));
    assertThat(shapes)
        .containsEntry("unknown", List.of(7L, -1L))
        .containsEntry("y", List.of(3L, 4L));
  }

  @Test
  void leavesOutWhatItCannotTell() {
    Map<String, List<Long>> shapes =
        ShapeInference.infer(
            ModelBuilder.model(13)
                .input("x", ElementType.FLOAT, 2, 4)
                .input("target", ElementType.INT64, -1)
                .input("two", ElementType.INT64, 2)
                .node("Reshape", List.of("x", "target"), List.of("any"), "")
                .node("Reshape", List.of("x", "two"), List.of("matrix"), "")
                .unshapedOutput("any", ElementType.FLOAT)
                .toModel("m"));
    assertThat(shapes).doesNotContainKey("any").containsEntry("matrix", List.of(-1L, -1L));
  }

  @Test
  void defaultOfAnInputIsNoConstant() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 2, 4)
            .input("target", ElementType.INT64, 1)
            .initializer("target", new long[] {8}, 1)
            .node("Reshape", List.of("x", "target"), List.of("y"), "")
            .unshapedOutput("y", ElementType.FLOAT);
    assertThat(ShapeInference.infer(model.toModel("m"))).containsEntry("y", List.of(-1L));
    // At ir_version 3 it is one.
    ModelFile old = ModelFile.of("m", model.irVersion(3).toBytes());
    assertThat(ShapeInference.infer(old)).containsEntry("y", List.of(8L));
  }

  /** The suite declares the shapes of its outputs: what is inferred without that must agree. */
  @Test
  void neverContradictsTheBackendSuite() {
    List<Path> models = RealModels.backendSuite();
    assumeTrue(!models.isEmpty());
    List<String> wrong = new ArrayList<>();
    int declared = 0;
    int inferred = 0;
    for (Path path : models) {
      try (ModelFile model = ModelFile.open(path)) {
        Map<String, List<Long>> shapes = ShapeInference.infer(undeclared(path));
        for (ValueInfoProto output : model.graph().outputs()) {
          if (!output.getType().getTensorType().hasShape()) {
            continue;
          }
          List<Long> told = told(output);
          List<Long> found = shapes.get(output.getName());
          declared += told.size();
          if (found == null) {
            continue;
          }
          if (!agree(told, found)) {
            wrong.add(path + " " + output.getName() + ": " + told + ", but " + found);
          }
          inferred += (int) found.stream().filter(dim -> dim >= 0).count();
        }
      } catch (IOException e) {
        throw new AssertionError(path.toString(), e);
      }
    }
    System.out.printf(
        "dimensions of outputs of the backend suite: %d, inferred %d%n", declared, inferred);
    assertThat(wrong).isEmpty();
    assertThat(inferred).isGreaterThan(declared * 6 / 10);
  }

  private static List<Long> told(ValueInfoProto info) {
    return info.getType().getTensorType().getShape().getDimList().stream()
        .map(dim -> dim.hasDimValue() ? dim.getDimValue() : -1)
        .toList();
  }

  private static boolean agree(List<Long> told, List<Long> found) {
    if (told.size() != found.size()) {
      return false;
    }
    for (int i = 0; i < told.size(); i++) {
      if (told.get(i) >= 0 && found.get(i) >= 0 && !told.get(i).equals(found.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static ModelFile undeclared(Path path) throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(path)).toBuilder();
    model.getGraphBuilder().clearValueInfo();
    for (ValueInfoProto.Builder output : model.getGraphBuilder().getOutputBuilderList()) {
      output.getTypeBuilder().getTensorTypeBuilder().clearShape();
    }
    return ModelFile.of(path.toString(), model.build().toByteArray());
  }

  /** Every tensor of real models has the shape that a run gives it. */
  @Test
  void agreesWithOnnxRuntimeOnEveryTensorOfRealModels() throws IOException, OrtException {
    Path shared = RealModels.shared();
    assumeTrue(shared != null);
    for (String name :
        List.of(
            "resnet20_cifar10/resnet20_cifar10.onnx",
            "squeezenet_dc/squeezenet_dc.onnx",
            "mnist_cntk/mnist.onnx",
            "onnx_light/light_inception_v1.onnx",
            "onnx_light/light_bvlc_alexnet.onnx")) {
      compareWithRun(shared.resolve(name));
    }
  }

  private static void compareWithRun(Path path) throws IOException, OrtException {
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(path)).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    ModelFile scanned = ModelFile.of(path.toString(), model.build().toByteArray());
    Map<String, List<Long>> inferred = ShapeInference.infer(undeclared(path));
    String input =
        graph.getInputList().stream()
            .map(ValueInfoProto::getName)
            .filter(name -> !scanned.graph().initializers().containsKey(name))
            .findFirst()
            .orElseThrow();
    long[] shape = inferred.get(input).stream().mapToLong(Math::abs).toArray();
    graph.clearValueInfo().clearOutput();
    for (Node node : scanned.graph().nodes()) {
      String output = node.proto().getOutput(0);
      ElementType type = scanned.graph().type(output).orElseThrow().element();
      graph.addOutput(Values.unshaped(output, type));
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    try (OrtSession session = environment.createSession(model.build().toByteArray());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, FloatBuffer.allocate(Math.toIntExact(elements)), shape);
        OrtSession.Result result = session.run(Map.of(input, x))) {
      for (Map.Entry<String, OnnxValue> entry : result) {
        long[] run = ((OnnxTensor) entry.getValue()).getInfo().getShape();
        List<Long> found = inferred.get(entry.getKey());
        assertThat(found).as(path + " " + entry.getKey()).isNotNull();
        List<Long> expected = Arrays.stream(run).boxed().toList();
        assertThat(agree(expected, found))
            .as(path + " " + entry.getKey() + ": " + found + ", run " + expected)
            .isTrue();
        assertThat(found.stream().skip(1)).as(path + " " + entry.getKey()).doesNotContain(-1L);
      }
    }
  }
}
