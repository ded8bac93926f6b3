package io.sparsescope.profile;

import static java.util.Objects.requireNonNull;

/**
 * A tensor that is counted, before anything is counted.
 *
 * @param node name of the node that produces it, or for a weight of the node that uses it
 * @param op that node's operator, with its domain where it is not ONNX's own
 * @param tensor the tensor's name
 * @param layer name of the layer it belongs to, "" if none
 * @param block name of the block it belongs to, "" if none
 * @param kind what it is
 * @param type its element type, for example {@code float32}
 */
public record TapInfo(
    String node, String op, String tensor, String layer, String block, TapKind kind, String type) {

  public TapInfo {
    requireNonNull(node, "node");
    requireNonNull(op, "op");
    requireNonNull(tensor, "tensor");
    requireNonNull(layer, "layer");
    requireNonNull(block, "block");
    requireNonNull(kind, "kind");
    requireNonNull(type, "type");
  }
}
