package io.sparsescope.rewriter.gradient;

import java.util.List;
import java.util.stream.LongStream;

/**
 * LayerNormalization, y = gamma xn + beta with xn = (x - mean) inv: dx = inv (g - mean(g) - xn
 * mean(g xn)) with g = dy gamma; dgamma = dy xn and dbeta = dy, summed over what was normalized
 * alike. Mean and inv are further outputs of the forward node.
 */
final class LayerNormalizationGradient implements GradientRule {
  private static final String MEAN = "mean";
  private static final String INVERSE = "inverse-deviation";

  @Override
  public void forward(NodeGradient node) {
    String mean = output(node, 1, MEAN);
    String inverse = output(node, 2, INVERSE);
    node.keep(MEAN, mean);
    node.keep(INVERSE, inverse);
    node.addForward(
        node.proto().toBuilder()
            .clearOutput()
            .addAllOutput(List.of(node.output(0), mean, inverse))
            .build());
  }

  private static String output(NodeGradient node, int i, String what) {
    return node.output(i).isEmpty() ? node.free(what) : node.output(i);
  }

  @Override
  public void backward(NodeGradient node) {
    String dy = node.gradient();
    String xn = node.op("Mul", node.op("Sub", node.input(0), node.kept(MEAN)), node.kept(INVERSE));
    if (node.wants(0)) {
      node.give(0, input(node, node.op("Mul", dy, node.input(1)), xn));
    }
    if (node.wants(1)) {
      node.giveSummed(1, node.op("Mul", dy, xn), node.output(0));
    }
    if (node.wants(2)) {
      node.giveSummed(2, dy, node.output(0));
    }
  }

  private static String input(NodeGradient node, String g, String xn) {
    String along = node.op("Mul", xn, mean(node, node.op("Mul", g, xn)));
    String rest = node.op("Sub", node.op("Sub", g, mean(node, g)), along);
    return node.op("Mul", rest, node.kept(INVERSE));
  }

  private static String mean(NodeGradient node, String x) {
    int rank = node.rank(node.input(0));
    long axis = node.integer("axis", -1);
    long[] axes = LongStream.range(axis < 0 ? axis + rank : axis, rank).toArray();
    return node.op("ReduceMean", x, node.int64s(axes));
  }
}
