package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.proto.AttributeProto;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class WindowShapesTest {

  @Property(tries = 500)
  void countsThePlacesOfAWindow(
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll @IntRange(min = 1, max = 7) int kernel,
      @ForAll @IntRange(min = 1, max = 5) int stride,
      @ForAll @IntRange(min = 1, max = 3) int dilation,
      @ForAll @IntRange(max = 3) int begin,
      @ForAll @IntRange(max = 3) int end,
      @ForAll boolean ceil) {
    int window = dilation * (kernel - 1) + 1;
    if (window > size + begin + end) {
      return;
    }
    int places = 0;
    int reached = 0;
    for (int start = -begin; start < size + end; start += stride) {
      boolean fits = start + window <= size + end;
      boolean rest = ceil && reached < size + end && start < size;
      if (fits || rest) {
        places++;
        reached = start + window;
      }
    }
    List<Long> shape =
        infer(
            "MaxPool",
            List.of(3L, 4L, (long) size),
            Nodes.integers("kernel_shape", kernel),
            Nodes.integers("strides", stride),
            Nodes.integers("dilations", dilation),
            Nodes.integers("pads", begin, end),
            Nodes.integer("ceil_mode", ceil ? 1 : 0));
    assertThat(shape).isEqualTo(List.of(3L, 4L, (long) places));
  }

  @Property(tries = 150)
  void agreesWithOnnxRuntime(
      @ForAll @IntRange(max = 3) int operator,
      @ForAll @IntRange(max = 3) int padding,
      @ForAll @IntRange(min = 1, max = 17) int height,
      @ForAll @IntRange(min = 1, max = 17) int width,
      @ForAll @IntRange(min = 1, max = 4) int kernel,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll @IntRange(min = 1, max = 2) int dilation,
      @ForAll boolean ceil)
      throws OrtException {
    int window = dilation * (kernel - 1) + 1;
    assumeTrue(window <= height && window <= width);
    String op = List.of("Conv", "ConvTranspose", "MaxPool", "AveragePool").get(operator);
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("kernel_shape", kernel, kernel));
    attributes.add(Nodes.integers("strides", stride, stride));
    attributes.add(Nodes.integers("dilations", dilation, dilation));
    if (op.endsWith("Pool")) {
      attributes.add(Nodes.integer("ceil_mode", ceil ? 1 : 0));
    }
    String auto = List.of("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID").get(padding);
    attributes.add(Nodes.string("auto_pad", auto));
    if (padding == 0) {
      // No window may lie in the padding alone.
      attributes.add(Nodes.integers("pads", kernel / 2, 0, (kernel - 1) / 2, kernel / 2));
    } else if (op.endsWith("Pool")) {
      attributes.removeIf(attribute -> attribute.getName().equals("ceil_mode"));
    }
    ModelBuilder model = model(op, List.of(2L, 3L, (long) height, (long) width), attributes);
    assertThat(ShapeInference.infer(model.toModel("m")).get("y"))
        .isEqualTo(run(model, 2, 3, height, width));
  }

  private static List<Long> run(ModelBuilder model, long... shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    try (OrtSession session = environment.createSession(model.toBytes());
        OnnxTensor x =
            OnnxTensor.createTensor(environment, FloatBuffer.allocate(elements), shape);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return Arrays.stream(((OnnxTensor) result.get(0)).getInfo().getShape()).boxed().toList();
    }
  }

  private static List<Long> infer(String op, List<Long> input, AttributeProto... attributes) {
    return ShapeInference.infer(model(op, input, List.of(attributes)).toModel("m")).get("y");
  }

  private static ModelBuilder model(
      String op, List<Long> input, List<AttributeProto> attributes) {
    // Windows of AveragePool are dilated from opset 19 on.
    ModelBuilder model =
        ModelBuilder.model(19)
            .input("x", ElementType.FLOAT, input.stream().mapToLong(dim -> dim).toArray());
    List<String> inputs = new ArrayList<>(List.of("x"));
    if (op.startsWith("Conv")) {
      long kernel = attributes.get(0).getInts(0);
      model.initializer("w", new float[(int) (12 * kernel * kernel)], 4, 3, kernel, kernel);
      if (op.equals("ConvTranspose")) {
        model = transposed(model, kernel);
      }
      inputs.add(op.equals("ConvTranspose") ? "v" : "w");
    }
    return model
        .node(op, inputs, List.of("y"), "", attributes.toArray(AttributeProto[]::new))
        .unshapedOutput("y", ElementType.FLOAT);
  }

  private static ModelBuilder transposed(ModelBuilder model, long kernel) {
    return model.initializer("v", new float[(int) (12 * kernel * kernel)], 3, 4, kernel, kernel);
  }
}
