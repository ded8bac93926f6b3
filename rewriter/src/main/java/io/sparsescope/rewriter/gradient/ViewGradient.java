package io.sparsescope.rewriter.gradient;

/**
 * Operators that leave the elements in their order (Flatten, Identity, Reshape, Squeeze,
 * Unsqueeze): the gradient in the input's shape.
 */
final class ViewGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (node.wants(0)) {
      boolean identity = node.operator().equals("Identity");
      String dy = node.gradient();
      node.give(0, identity ? dy : node.reshapedLike(dy, node.input(0)));
    }
  }
}
