package io.sparsescope.rewriter.gradient;

import static io.sparsescope.onnx.Nodes.integer;
import static io.sparsescope.onnx.Nodes.integers;
import static io.sparsescope.onnx.Nodes.real;
import static io.sparsescope.onnx.Nodes.string;

import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Convolutions, pools, matrix products and normalizations. */
final class LayerTrials {
  static final Map<String, Trial> TRIALS = new LinkedHashMap<>();

  private static final double[] NO_KINKS = {};

  static {
    TRIALS.put("Conv", m -> conv(m, "Conv"));
    TRIALS.put("ConvTranspose", m -> conv(m, "ConvTranspose"));
    TRIALS.put("MaxPool", m -> pool(m, "MaxPool"));
    TRIALS.put("AveragePool", m -> pool(m, "AveragePool"));
    TRIALS.put(
        "GlobalAveragePool", m -> m.node("GlobalAveragePool", m.either(image(m, m.pick(1, 2)))));
    TRIALS.put("Gemm", LayerTrials::gemm);
    TRIALS.put("MatMul", LayerTrials::matMul);
    TRIALS.put("BatchNormalization", LayerTrials::batchNormalization);
    TRIALS.put("LayerNormalization", LayerTrials::layerNormalization);
    TRIALS.put("LRN", LayerTrials::lrn);
    TRIALS.put("Softmax", m -> softmax(m, "Softmax"));
    TRIALS.put("LogSoftmax", m -> softmax(m, "LogSoftmax"));
  }

  private LayerTrials() {}

  private static DoubleTensor image(TrialModel m, int spatial) {
    int[] shape = new int[2 + spatial];
    Arrays.setAll(shape, d -> d < 2 ? m.pick(1, 3) : m.pick(4, 7));
    return m.values(NO_KINKS, shape);
  }

  /** Attributes of a sliding window over images of at least 4 in each dimension. */
  private static List<AttributeProto> window(TrialModel m, int spatial, long[] kernel) {
    List<AttributeProto> list = new ArrayList<>();
    long[] strides = new long[spatial];
    Arrays.setAll(strides, d -> m.pick(1, 3));
    if (m.flip()) {
      list.add(integers("strides", strides));
    }
    long[] dilations = new long[spatial];
    Arrays.setAll(dilations, d -> kernel[d] <= 2 ? m.pick(1, 2) : 1);
    boolean dilated = m.pick(0, 2) == 0;
    if (dilated) {
      list.add(integers("dilations", dilations));
    }
    long[] pads = new long[2 * spatial];
    for (int d = 0; d < 2 * spatial; d++) {
      pads[d] = m.pick(0, (int) Math.min(2, kernel[d % spatial] - 1));
    }
    switch (m.pick(0, 4)) {
      case 0 -> {}
      case 1 -> list.add(string("auto_pad", "VALID"));
      case 2 -> {
        // ONNX Runtime refuses the two together.
        list.removeIf(a -> a.getName().equals("dilations"));
        if (IntStream.range(0, spatial).anyMatch(d -> strides[d] > kernel[d] + 1)) {
          // The padding would be negative: ONNX Runtime's is not what any other's is.
          list.removeIf(a -> a.getName().equals("strides"));
        }
        list.add(string("auto_pad", m.flip() ? "SAME_UPPER" : "SAME_LOWER"));
      }
      default -> list.add(integers("pads", pads));
    }
    return list;
  }

  private static String conv(TrialModel m, String op) {
    boolean transposed = op.equals("ConvTranspose");
    int spatial = m.pick(1, 2);
    int groups = m.pick(1, 3);
    int[] w = new int[2 + spatial];
    Arrays.setAll(w, d -> m.pick(1, 3));
    w[0] *= groups;
    int channels = transposed ? w[0] : w[1] * groups;
    int maps = transposed ? w[1] * groups : w[0];
    DoubleTensor x = image(m, spatial);
    int[] shape = x.shape().clone();
    shape[1] = channels;
    long[] kernel = Arrays.stream(w).skip(2).asLongStream().toArray();
    List<AttributeProto> attributes = window(m, spatial, kernel);
    if (transposed) {
      // With strides beyond the kernel ONNX Runtime's SAME is not the standard's.
      attributes.removeIf(a -> a.getName().equals("auto_pad"));
    }
    if (groups > 1) {
      attributes.add(integer("group", groups));
    }
    if (m.flip()) {
      attributes.add(integers("kernel_shape", kernel));
    }
    String in = m.either(m.values(NO_KINKS, shape));
    String weights = m.parameter(m.values(-1, 1, NO_KINKS, w));
    return m.flip()
        ? m.node(op, attributes, in, weights)
        : m.node(op, attributes, in, weights, m.parameter(m.values(-1, 1, NO_KINKS, maps)));
  }

  private static String pool(TrialModel m, String op) {
    int spatial = m.pick(1, 2);
    long[] kernel = new long[spatial];
    Arrays.setAll(kernel, d -> m.pick(1, 3));
    List<AttributeProto> attributes = window(m, spatial, kernel);
    attributes.add(integers("kernel_shape", kernel));
    boolean average = op.equals("AveragePool");
    if (average) {
      // Dilated AveragePool came with opset 19.
      attributes.removeIf(a -> a.getName().equals("dilations"));
    }
    if (m.flip()) {
      attributes.add(integer("ceil_mode", 1));
    }
    if (average && m.flip()) {
      attributes.add(integer("count_include_pad", 1));
    }
    int[] shape = image(m, spatial).shape();
    return m.node(op, attributes, m.either(m.distinct(shape)));
  }

  private static String gemm(TrialModel m) {
    int rows = m.batch();
    int inner = m.pick(1, 4);
    int columns = m.pick(1, 4);
    List<AttributeProto> attributes = new ArrayList<>();
    boolean transA = m.pick(0, 3) == 0;
    boolean transB = m.flip();
    if (transA) {
      attributes.add(integer("transA", 1));
    }
    if (transB) {
      attributes.add(integer("transB", 1));
    }
    if (m.flip()) {
      attributes.add(real("alpha", 0.5f));
    }
    DoubleTensor a = transA ? m.values(NO_KINKS, inner, rows) : m.values(NO_KINKS, rows, inner);
    DoubleTensor b =
        transB ? m.values(NO_KINKS, columns, inner) : m.values(NO_KINKS, inner, columns);
    String x = transA ? m.variable(a) : m.either(a);
    String w = m.flip() ? m.parameter(b) : m.variable(b);
    if (m.flip()) {
      return m.node("Gemm", attributes, x, w);
    }
    if (m.flip()) {
      attributes.add(real("beta", 0.25f));
    }
    return m.node("Gemm", attributes, x, w, m.parameter(m.values(NO_KINKS, columns)));
  }

  private static String matMul(TrialModel m) {
    int rows = m.pick(1, 4);
    int inner = m.pick(1, 4);
    int columns = m.pick(1, 4);
    return switch (m.pick(0, 4)) {
      case 0 ->
          m.node(
              "MatMul",
              m.either(m.values(NO_KINKS, m.batch(), rows, inner)),
              m.parameter(m.values(NO_KINKS, inner, columns)));
      case 1 -> {
        int[] heads = {m.batch(), m.pick(1, 3)};
        yield m.node(
            "MatMul",
            m.batched(m.values(NO_KINKS, heads[0], heads[1], rows, inner)),
            m.batched(m.values(NO_KINKS, heads[0], heads[1], inner, columns)));
      }
      case 2 ->
          m.node(
              "MatMul",
              m.variable(m.values(NO_KINKS, 2, 1, rows, inner)),
              m.variable(m.values(NO_KINKS, m.pick(1, 3), inner, columns)));
      case 3 ->
          m.node(
              "MatMul",
              m.variable(m.values(NO_KINKS, inner)),
              m.variable(m.values(NO_KINKS, m.pick(1, 3), inner, columns)));
      default ->
          m.node(
              "MatMul",
              m.either(m.values(NO_KINKS, m.batch(), rows, inner)),
              m.variable(m.values(NO_KINKS, inner)));
    };
  }

  private static List<AttributeProto> epsilon(TrialModel m) {
    return m.flip() ? List.of() : List.of(real("epsilon", 0.01f));
  }

  private static String batchNormalization(TrialModel m) {
    int[] shape = m.shape(m.pick(2, 4));
    // With few elements a channel the variance is near zero and the curvature without bounds.
    shape[0] = m.pick(4, 6);
    int c = shape[1];
    return m.node(
        "BatchNormalization",
        epsilon(m),
        m.either(m.values(NO_KINKS, shape)),
        m.parameter(m.values(0.5, 2, NO_KINKS, c)),
        m.parameter(m.values(NO_KINKS, c)),
        m.initializer(m.values(NO_KINKS, c)),
        m.initializer(m.values(0.5, 2, NO_KINKS, c)));
  }

  private static String layerNormalization(TrialModel m) {
    int[] shape = m.shape(m.pick(2, 4));
    shape[shape.length - 1] = m.pick(4, 7);
    List<AttributeProto> attributes = new ArrayList<>(epsilon(m));
    int axis = shape.length - 1;
    if (m.flip()) {
      axis = m.pick(1, shape.length - 1);
      attributes.add(integer("axis", m.flip() ? axis : axis - shape.length));
    }
    int[] scale = Arrays.copyOfRange(shape, axis, shape.length);
    String x = m.either(m.values(NO_KINKS, shape));
    String gamma = m.parameter(m.values(0.5, 2, NO_KINKS, scale));
    return m.flip()
        ? m.node("LayerNormalization", attributes, x, gamma)
        : m.node(
            "LayerNormalization", attributes, x, gamma, m.parameter(m.values(NO_KINKS, scale)));
  }

  private static String lrn(TrialModel m) {
    int[] shape = m.shape(4);
    shape[1] = m.pick(1, 7);
    List<AttributeProto> attributes = new ArrayList<>();
    // ONNX Runtime knows odd sizes only.
    attributes.add(integer("size", 2 * m.pick(0, 3) + 1));
    if (m.flip()) {
      attributes.add(real("alpha", 0.5f));
      attributes.add(real("beta", 0.25f * m.pick(1, 5)));
      attributes.add(real("bias", 0.5f * m.pick(1, 4)));
    }
    return m.node("LRN", attributes, m.either(m.values(NO_KINKS, shape)));
  }

  private static String softmax(TrialModel m, String op) {
    int[] shape = m.shape();
    List<AttributeProto> attributes =
        m.flip() ? List.of() : List.of(integer("axis", m.pick(-shape.length, shape.length - 1)));
    return m.node(op, attributes, m.either(m.values(NO_KINKS, shape)));
  }
}
