package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import java.util.Optional;

/**
 * A node of a graph. Identity is its place, since names may be empty or repeated.
 *
 * @param name its name, or its first output's name where it has none; for a node of a subgraph
 *     {@code outer/attribute/inner}
 * @param index its place in file order within its own graph
 * @param proto the node; tensors of more than 64 KiB inside its attributes are left out, so never
 *     write it back as it is: {@link ModelEdit#editNode} gives the whole one
 * @param parent for a node of a subgraph the node that holds it
 */
public record Node(String name, int index, NodeProto proto, Optional<Node> parent) {

  /** The operator's name, for example {@code Conv}. */
  public String op() {
    return proto.getOpType();
  }

  /** The operator's domain, "" for ai.onnx. */
  public String domain() {
    return proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
  }

  /** Whether the operator is one of ONNX's own. */
  public boolean isStandard() {
    return domain().isEmpty();
  }

  /** What an unqualified node goes by: its name, or its first output's. */
  static String nameOf(NodeProto proto) {
    if (!proto.getName().isEmpty()) {
      return proto.getName();
    }
    for (String output : proto.getOutputList()) {
      if (!output.isEmpty()) {
        return output;
      }
    }
    return proto.getOpType();
  }
}
