package io.sparsescope.rewriter.gradient;

/**
 * Min and Max: the gradient goes to the operand that the element was taken from, the first of equal
 * ones, and is summed where that was broadcast.
 */
final class ExtremeGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    String before = null;
    for (int i = 0; i < node.inputs(); i++) {
      String equal = node.op("Equal", node.input(i), node.output(0));
      String taken = before == null ? equal : node.op("And", equal, node.op("Not", before));
      before = before == null ? equal : node.op("Or", before, equal);
      if (node.wants(i)) {
        String chosen = node.op("Where", taken, node.gradient(), node.scalar(0));
        node.giveSummed(i, chosen, node.output(0));
      }
    }
  }
}
