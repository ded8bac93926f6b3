package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;

/**
 * A tensor whose elements are counted at every run.
 *
 * @param node name of the node that produces it
 * @param op its operator, with the domain where it is not ONNX's own ({@code com.microsoft/Gelu})
 * @param tensor the tensor's name in the model
 * @param layer name of the layer it belongs to, "" if none
 * @param block name of the block it belongs to, "" if none
 * @param type element type
 * @param row its row in the output {@link Rewrite#COUNTS} where the graph counts it, else -1
 * @param output where the graph does not count it: name of the graph output that holds the tensor
 *     itself, to be counted by the reader; else ""
 * @param zeroPoint the value that stands for zero: 0, or a quantized tensor's zero point
 */
public record Tap(
    String node,
    String op,
    String tensor,
    String layer,
    String block,
    ElementType type,
    int row,
    String output,
    long zeroPoint) {

  /** Whether the graph itself counts the tensor. */
  public boolean countedInGraph() {
    return row >= 0;
  }
}
