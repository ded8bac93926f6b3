package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/**
 * LRN, {@code y = x s^-beta}, {@code s = bias + alpha * mean of x^2 over size neighbouring
 * channels} (those beyond the edge count as 0). Written out in the forward pass, too, which keeps s
 * and is faster than ONNX Runtime's kernel, whose power is computed element by element.
 *
 * <p>{@code dx = dy s^-beta - 2 alpha beta x * (mean of dy y / s over the channels whose
 * neighbourhood holds x)}.
 */
final class LrnGradient implements GradientRule {
  @Override
  public void forward(NodeGradient node) {
    String x = node.input(0);
    long size = node.integer("size", 1);
    String mean = mean(node, node.op("Mul", x, x), (size - 1) / 2, size / 2);
    String s =
        node.op(
            "Add",
            node.op("Mul", mean, node.scalar(node.real("alpha", 1e-4f))),
            node.scalar(node.real("bias", 1)));
    String power = power(node, s);
    node.addForward(0, "Div", List.of(), x, power);
    node.keep("s", s);
    node.keep("power", power);
  }

  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    long size = node.integer("size", 1);
    String parts = node.op("Div", node.op("Mul", dy, node.output(0)), node.kept("s"));
    String mean = mean(node, parts, size / 2, (size - 1) / 2);
    double factor = 2.0 * node.real("alpha", 1e-4f) * node.real("beta", 0.75f);
    String through = node.op("Mul", node.op("Mul", node.input(0), node.scalar(factor)), mean);
    node.give(0, node.op("Sub", node.op("Div", dy, node.kept("power")), through));
  }

  /** s^beta; by square roots, which are exact, where they make it. */
  private static String power(NodeGradient node, String s) {
    float beta = node.real("beta", 0.75f);
    if (beta == 1) {
      return s;
    }
    String root = beta == 0.5f || beta == 0.75f ? node.op("Sqrt", s) : "";
    if (beta == 0.5f) {
      return root;
    }
    return beta == 0.75f
        ? node.op("Mul", root, node.op("Sqrt", root))
        : node.op("Pow", s, node.scalar(beta));
  }

  /** The mean over {@code before} channels before, the channel itself and {@code after} behind. */
  private static String mean(NodeGradient node, String x, long before, long after) {
    String like = node.input(0);
    int channels = (int) node.dim(like, 1);
    if (node.turns(like)) {
      String rows = node.op("Reshape", node.turned(x), node.int64s(channels, -1));
      String band = node.floats(band(channels, before, after), channels, channels);
      return node.backFrom(node.op("MatMul", band, rows), like);
    }
    long[] columns = {0, 1, channels, -1};
    String images = node.op("Reshape", x, node.int64s(columns));
    String mean =
        node.op(
            "AveragePool",
            List.of(
                Nodes.integers("kernel_shape", before + 1 + after, 1),
                Nodes.integers("pads", before, 0, after, 0),
                Nodes.integer("count_include_pad", 1)),
            images);
    return node.reshapedLike(mean, like);
  }

  /** Of each channel (row) the shares of those that its mean is taken over. */
  private static float[] band(int channels, long before, long after) {
    float[] band = new float[channels * channels];
    for (int i = 0; i < channels; i++) {
      long last = Math.min(channels - 1, i + after);
      for (int j = (int) Math.max(0, i - before); j <= last; j++) {
        band[i * channels + j] = 1f / (before + 1 + after);
      }
    }
    return band;
  }
}
