package io.sparsescope.rewriter.gradient;

/**
 * Cast between float types: the gradient in the type of the input. Integers and truth values end
 * the path.
 */
final class CastGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    node.give(0, node.op("CastLike", node.gradient(), node.input(0)));
  }
}
