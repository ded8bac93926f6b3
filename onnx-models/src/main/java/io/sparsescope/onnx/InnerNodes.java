package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/** Collects the nodes of subgraphs, named by the path that leads to them. */
final class InnerNodes {
  // Each name repeats those around it: a crafted file could fill the heap with them.
  private static final long MAX_NAMES = 32L << 20;

  private final String model;
  private final List<Node> all;
  private long characters;

  InnerNodes(String model, List<Node> all) {
    this.model = model;
    this.all = all;
  }

  /** Adds all nodes inside a node, outer before inner. */
  void add(Node outer) {
    Subgraphs.forEach(
        outer.proto(),
        (attribute, graph) -> {
          for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto proto = graph.getNode(i);
            Node node = new Node(path(outer, attribute, proto), i, proto, Optional.of(outer));
            all.add(node);
            add(node);
          }
        });
  }

  private String path(Node outer, String attribute, NodeProto proto) {
    String own = Node.nameOf(proto);
    characters += (long) outer.name().length() + attribute.length() + own.length() + 2;
    if (characters > MAX_NAMES) {
      throw new OnnxException(
          model
              + ": the names of nodes inside '"
              + Failures.oneLine(outer.name())
              + "' are too long to be told apart by path; shorten them");
    }
    return outer.name() + "/" + attribute + "/" + own;
  }
}
