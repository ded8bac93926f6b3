package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.List;

/**
 * A step graph that does not lose what a threshold cuts off a gradient, but adds it to the same
 * gradient of the next step (gradient accumulation in Deep Gradient Compression: Lin et al., 2018,
 * without its momentum correction). Of each parameter P there is an input {@code P/residual}, zero
 * before the first step, and an output {@code P/residual/next}: {@code gradient + residual} less
 * what of that is read under the name {@code gradient:P} in the end, where rules on gradients place
 * their nodes.
 *
 * @param model the step graph with the residuals
 * @param slots the residuals, in the order of the parameters
 */
public record Residuals(ModelProto model, List<StateSlot> slots) {
  private static final String END = "/residual";

  public Residuals {
    slots = List.copyOf(slots);
  }

  /**
   * Adds residuals to a step graph, before rules are placed in it.
   *
   * @param parameters the parameters that have one, with their shapes, as {@link Update} tells them
   * @throws RewriteException if a parameter has no gradient
   */
  public static Residuals of(ModelProto step, List<StateSlot> parameters) {
    List<NodeProto> nodes = new ArrayList<>(step.getGraph().getNodeList());
    GraphProto.Builder graph = step.getGraph().toBuilder();
    List<StateSlot> slots = new ArrayList<>();
    for (StateSlot parameter : parameters) {
      StateSlot slot = StateSlot.of(parameter.input() + END, parameter.dims());
      slots.add(slot);
      insert(nodes, Update.GRADIENT + parameter.input(), slot);
      long[] dims = slot.dims().stream().mapToLong(Long::longValue).toArray();
      graph.addInput(Values.tensor(slot.input(), ElementType.FLOAT, dims));
      graph.addOutput(Values.tensor(slot.output(), ElementType.FLOAT, dims));
    }
    graph.clearNode().addAllNode(nodes);
    return new Residuals(step.toBuilder().setGraph(graph).build(), slots);
  }

  private static void insert(List<NodeProto> nodes, String gradient, StateSlot slot) {
    int at = 0;
    while (at < nodes.size() && !nodes.get(at).getOutputList().contains(gradient)) {
      at++;
    }
    if (at == nodes.size()) {
      throw new RewriteException(
          "the step graph has no " + gradient + " that could have a residual");
    }
    String fresh = gradient + "/fresh";
    String sum = gradient + "/accumulated";
    NodeProto producer = nodes.get(at);
    nodes.set(
        at,
        producer.toBuilder().setOutput(producer.getOutputList().indexOf(gradient), fresh).build());
    nodes.addAll(
        at + 1,
        List.of(
            Nodes.node("Add", List.of(fresh, slot.input()), List.of(sum), sum),
            Nodes.node("Identity", List.of(sum), List.of(gradient), gradient + "/kept"),
            Nodes.node("Sub", List.of(sum, gradient), List.of(slot.output()), gradient + END)));
  }
}
