package io.sparsescope.rewriter.gradient;

import java.util.List;

/**
 * Dropout: in training, a product with a mask that is fed ({@link Mask}), so that a seed and a step
 * determine what is dropped, whatever runs the graph.
 */
final class DropoutGradient implements GradientRule {
  private static final float RATIO = 0.5f;

  @Override
  public boolean alwaysTrains() {
    return true;
  }

  @Override
  public void forward(NodeGradient node) {
    if (node.isRead(1)) {
      throw node.failure("has a mask that another node reads", "export it with one output");
    }
    float ratio = ratio(node);
    if (ratio == 0) {
      node.addForward(0, "Identity", List.of(), node.input(0));
      return;
    }
    if (!(ratio > 0 && ratio < 1)) {
      throw node.failure("drops a share of " + ratio, "give it a ratio from 0 to below 1");
    }
    String mask = node.mask(node.input(0), ratio);
    node.keep("mask", mask);
    node.addForward(0, "Mul", List.of(), node.input(0), mask);
  }

  private static float ratio(NodeGradient node) {
    if (!node.hasInput(1)) {
      return RATIO;
    }
    return node.constantFloats(node.input(1))
        .orElseThrow(() -> node.failure("its ratio is not constant", "store it as a constant"))[0];
  }

  @Override
  public void backward(NodeGradient node) {
    String mask = node.kept("mask");
    node.give(0, mask == null ? node.gradient() : node.op("Mul", node.gradient(), mask));
  }
}
