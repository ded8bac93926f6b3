package io.sparsescope.rewriter.gradient;

/**
 * How gradients pass an operator. Rules have no state: what the forward pass leaves for the
 * backward one is kept by the node ({@link NodeGradient#keep}).
 */
public interface GradientRule {
  /**
   * Adds the node's forward pass to the step graph: the node as it is, unless training computes it
   * in another form or the backward pass needs more of it. Called only for nodes that a wanted
   * gradient passes, in the order of the graph.
   */
  default void forward(NodeGradient node) {
    node.addForward(node.proto());
  }

  /**
   * Adds the node's backward pass: gives ({@link NodeGradient#give}) the gradient of each input
   * that wants one, in the input's shape, from those of the outputs. Called only where at least one
   * output has a gradient and at least one input wants one, in the reverse order of the graph.
   */
  void backward(NodeGradient node);

  /**
   * Whether the rule must see the node's forward pass although no parameter lies before it, as
   * Dropout, which is another thing in training wherever it stands.
   */
  default boolean alwaysTrains() {
    return false;
  }
}
