package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Node;

/**
 * What a pattern is asked about: a node and one of its tensors.
 *
 * @param node the node
 * @param tensor one of its outputs; for weights, the initializer that a main node reads
 * @param primary whether the tensor stands for the node: its first output, or a weight. Only
 *     patterns with a {@code tensor:} term select others
 * @param layer the name of the layer that {@code layer:} selects by this candidate, "" if none
 */
public record Candidate(Node node, String tensor, boolean primary, String layer) {

  /** The operator, with its domain where that is not ONNX's own: {@code com.microsoft/Gelu}. */
  public static String op(Node node) {
    return node.isStandard() ? node.op() : node.domain() + "/" + node.op();
  }

  String op() {
    return op(node);
  }
}
