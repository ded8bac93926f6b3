package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;

/** Names of nodes and tensors, those of subgraphs included; hands out ones that are free. */
public final class Names {
  private final Set<String> used = new HashSet<>();

  /** Knows all names of a graph. */
  public Names(Graph graph) {
    used.addAll(graph.initializers().keySet());
    for (ValueInfoProto input : graph.inputs()) {
      used.add(input.getName());
    }
    for (Node node : graph.allNodes()) {
      used.add(node.proto().getName());
      used.addAll(node.proto().getInputList());
      used.addAll(node.proto().getOutputList());
    }
  }

  /** Whether the name is taken. */
  public boolean contains(String name) {
    return used.contains(name);
  }

  /**
   * Takes the name, or, if that is taken, the name with the first free {@code ~2}, {@code ~3}...
   */
  public String take(String wanted) {
    String name = wanted;
    for (int i = 2; !used.add(name); i++) {
      name = wanted + "~" + i;
    }
    return name;
  }
}
