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
 * @param channels how many channels (elements along axis 1) are counted in the output {@link
 *     Rewrite#CHANNELS}, 0 if they are not
 * @param channelsAt where they begin there
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
    long zeroPoint,
    int channels,
    int channelsAt) {

  /** Whether the graph itself counts the tensor. */
  public boolean countedInGraph() {
    return row >= 0;
  }

  Tap withChannels(int number, int at) {
    return new Tap(node, op, tensor, layer, block, type, row, output, zeroPoint, number, at);
  }
}
