package io.sparsescope.it.conformance;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.Rewrite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each operator stands in a model that ONNX Runtime optimized. An operator that had an
 * activation fused into it counts as {@code Conv+Relu}. Nodes of ours are left out.
 */
record Operators(Map<String, Integer> counts) {

  static Operators of(Path optimized) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    count(ModelProto.parseFrom(Files.readAllBytes(optimized)).getGraph(), counts);
    return new Operators(counts);
  }

  /** What {@code this} has more of than {@code other}: fusions that were lost in it. */
  List<String> lostIn(Operators other) {
    List<String> lost = new ArrayList<>();
    counts.forEach(
        (operator, count) -> {
          int less = count - other.counts.getOrDefault(operator, 0);
          if (less > 0) {
            lost.add(operator);
          }
        });
    if (lost.isEmpty()) {
      other.counts.forEach(
          (operator, count) -> {
            if (count > counts.getOrDefault(operator, 0)) {
              lost.add(operator + " no longer folded");
            }
          });
    }
    return lost;
  }

  private static void count(GraphProto graph, Map<String, Integer> counts) {
    for (NodeProto node : graph.getNodeList()) {
      if (!node.getName().startsWith(Rewrite.PREFIX)) {
        counts.merge(key(node), 1, Integer::sum);
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          count(attribute.getG(), counts);
        }
      }
    }
  }

  private static String key(NodeProto node) {
    String domain = node.getDomain().isEmpty() ? "" : node.getDomain() + "/";
    String activation =
        node.getAttributeList().stream()
            .filter(a -> a.getName().equals("activation") && !a.getS().isEmpty())
            .map(a -> "+" + a.getS().toStringUtf8())
            .findFirst()
            .orElse("");
    return domain + node.getOpType() + activation;
  }
}
