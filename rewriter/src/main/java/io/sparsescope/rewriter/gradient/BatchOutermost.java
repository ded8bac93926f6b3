package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.transform.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives tensors of a step graph that lie with the batch innermost ({@link
 * Gradients#batchInnermost}) the shape {@code [N,C,H,W]}, as rules need it to which a record's
 * elements belong together. What makes such a tensor is followed by the way to that shape, what
 * reads it by the way back.
 */
public final class BatchOutermost {
  private final GraphProto.Builder graph;
  private final Names names;
  private final Map<String, String> innermost = new HashMap<>();
  private final String first;

  private BatchOutermost(ModelProto step) {
    graph = step.getGraph().toBuilder().clearNode();
    names = new Names(ModelFile.of("step", step.toByteArray()).graph());
    first = names.take("batch-outermost/axis");
    graph.addInitializer(Tensors.int64s(first, new long[] {0}, 1));
  }

  /** The step graph with these tensors of it, which nodes make, in their own shape. */
  public static ModelProto of(ModelProto step, Set<String> tensors) {
    BatchOutermost changed = new BatchOutermost(step);
    step.getGraph().getNodeList().forEach(node -> changed.add(node, tensors));
    return step.toBuilder().setGraph(changed.graph).build();
  }

  private void add(NodeProto node, Set<String> tensors) {
    NodeProto.Builder b = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(t -> b.addInput(innermost.getOrDefault(t, t)));
    Map<String, String> made = new HashMap<>();
    for (String output : node.getOutputList()) {
      if (tensors.contains(output)) {
        made.put(output, names.take(output + "/innermost"));
      }
      b.addOutput(made.getOrDefault(output, output));
    }
    graph.addNode(b);
    made.forEach(this::turn);
  }

  private void turn(String tensor, String made) {
    String images = op(tensor + "/Squeeze", "Squeeze", List.of(made, first));
    graph.addNode(
        Nodes.node(
            "Transpose",
            List.of(images),
            List.of(tensor),
            names.take(tensor + "/Transpose"),
            Nodes.integers("perm", 3, 0, 1, 2)));
    String last =
        op(tensor + "/Transpose", "Transpose", List.of(tensor), Nodes.integers("perm", 1, 2, 3, 0));
    innermost.put(tensor, op(tensor + "/Unsqueeze", "Unsqueeze", List.of(last, first)));
  }

  private String op(String wanted, String type, List<String> inputs, AttributeProto... attributes) {
    String name = names.take(wanted);
    graph.addNode(Nodes.node(type, inputs, List.of(name), name, attributes));
    return name;
  }
}
