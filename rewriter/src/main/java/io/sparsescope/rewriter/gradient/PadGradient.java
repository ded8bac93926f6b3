package io.sparsescope.rewriter.gradient;

/**
 * Pad with a constant: the gradient with the padding cut off, which is Pad by the negative widths.
 */
final class PadGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    if (!node.string("mode", "constant").equals("constant")) {
      throw node.failure(
          "gradients pass padding by a constant only", "set mode to \"constant\" or pad the data");
    }
    node.requireConstant(2);
    String pads = node.op("Neg", node.input(1));
    String dy = node.gradient();
    node.give(
        0,
        node.hasInput(3) ? node.op("Pad", dy, pads, "", node.input(3)) : node.op("Pad", dy, pads));
  }
}
