package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;

/** Transpose: the gradient, transposed back. */
final class TransposeGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    long[] perm = node.integers("perm");
    if (perm.length == 0) {
      node.give(0, node.op("Transpose", node.gradient()));
      return;
    }
    long[] inverse = new long[perm.length];
    for (int i = 0; i < perm.length; i++) {
      inverse[(int) perm[i]] = i;
    }
    node.give(0, node.op("Transpose", List.of(Nodes.integers("perm", inverse)), node.gradient()));
  }
}
