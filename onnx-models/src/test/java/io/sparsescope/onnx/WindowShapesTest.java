package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

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
import net.jqwik.api.Assume;
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
    // No window may lie in the padding alone.
    Assume.that(window <= size + begin + end && begin < window && end < window);
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
      @ForAll @IntRange(min = 1, max = 2) int wide,
      @ForAll boolean ceil)
      throws OrtException {
    // ONNX Runtime refuses dilated windows where it is to pad by itself.
    int dilation = padding == 1 || padding == 2 ? 1 : wide;
    int window = dilation * (kernel - 1) + 1;
    Assume.that(window <= height && window <= width);
    String op = List.of("Conv", "ConvTranspose", "MaxPool", "AveragePool").get(operator);
    // Strides beyond the kernel: ONNX Runtime pads less than ONNX asks for.
    Assume.that(!op.equals("ConvTranspose") || window >= stride || auto(padding).equals("VALID"));
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("kernel_shape", kernel, kernel));
    attributes.add(Nodes.integers("strides", stride, stride));
    attributes.add(Nodes.integers("dilations", dilation, dilation));
    if (op.endsWith("Pool")) {
      attributes.add(Nodes.integer("ceil_mode", ceil ? 1 : 0));
    }
    attributes.add(Nodes.string("auto_pad", auto(padding)));
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

  private static String auto(int padding) {
    return List.of("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID").get(padding);
  }

  private static List<Long> run(ModelBuilder model, long... shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    try (OrtSession session = environment.createSession(model.toBytes());
        OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.allocate(elements), shape);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return Arrays.stream(((OnnxTensor) result.get(0)).getInfo().getShape()).boxed().toList();
    }
  }

  private static List<Long> infer(String op, List<Long> input, AttributeProto... attributes) {
    return ShapeInference.infer(model(op, input, List.of(attributes)).toModel("m")).get("y");
  }

  private static ModelBuilder model(String op, List<Long> input, List<AttributeProto> attributes) {
    // Windows of AveragePool are dilated from opset 19 on.
    ModelBuilder model =
        ModelBuilder.model(19)
            .input("x", ElementType.FLOAT, input.stream().mapToLong(dim -> dim).toArray());
    List<String> inputs = new ArrayList<>(List.of("x"));
    if (op.startsWith("Conv")) {
      int kernel = (int) attributes.get(0).getInts(0);
      long[] dims = op.equals("Conv") ? new long[] {4, 3, 0, 0} : new long[] {3, 4, 0, 0};
      Arrays.fill(dims, 2, 4, kernel);
      model.initializer("w", new float[12 * kernel * kernel], dims);
      inputs.add("w");
    }
    return model
        .node(op, inputs, List.of("y"), "", attributes.toArray(AttributeProto[]::new))
        .unshapedOutput("y", ElementType.FLOAT);
  }
}
