package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A step graph whose parameters are updated in the graph itself. Of each parameter P it reads
 * {@code gradient:P}, has an output {@code P/next}, and for what the optimizer remembers inputs
 * like {@code P/momentum} and outputs like {@code P/momentum/next}; scalar inputs like {@code
 * learning-rate} are shared.
 *
 * @param model the step graph with its update
 * @param parameters the parameters, in the order in which they were named
 * @param memory what the optimizer remembers of them; zero before the first step
 */
public record Update(ModelProto model, List<StateSlot> parameters, List<StateSlot> memory) {
  static final String GRADIENT = "gradient:";

  public Update {
    parameters = List.copyOf(parameters);
    memory = List.copyOf(memory);
  }

  /**
   * Appends an update to a step graph.
   *
   * @param step a graph that has each parameter as an input of known shape and computes {@code
   *     gradient:PARAMETER}
   * @param parameters names of the parameters to update
   * @throws RewriteException if a parameter is no float32 input of known shape or has no gradient
   */
  public static Update append(ModelProto step, Collection<String> parameters, Optimizer optimizer) {
    GraphProto.Builder graph = step.getGraph().toBuilder();
    Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    step.getGraph().getInputList().forEach(input -> inputs.put(input.getName(), input));
    Set<String> computed = computed(step.getGraph());
    Set<String> shared = new HashSet<>();
    List<StateSlot> slots = new ArrayList<>();
    List<StateSlot> memory = new ArrayList<>();
    for (String name : parameters) {
      StateSlot slot = StateSlot.of(name, dims(name, inputs.get(name)));
      if (!computed.contains(GRADIENT + name)) {
        throw new RewriteException(
            "the step graph has no gradient of parameter " + name + "; differentiate it by that");
      }
      slots.add(slot);
      optimizer.emit(new UpdateNodes(graph, shared, slot, memory));
    }
    return new Update(step.toBuilder().setGraph(graph).build(), slots, memory);
  }

  private static Set<String> computed(GraphProto graph) {
    Set<String> computed = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      computed.addAll(node.getOutputList());
    }
    return computed;
  }

  private static List<Long> dims(String parameter, ValueInfoProto input) {
    boolean known =
        input != null
            && input.getType().getTensorType().getElemType() == ElementType.FLOAT.number()
            && input.getType().getTensorType().hasShape();
    if (known) {
      List<TensorShapeProto.Dimension> dims =
          input.getType().getTensorType().getShape().getDimList();
      if (dims.stream().allMatch(TensorShapeProto.Dimension::hasDimValue)) {
        return dims.stream().map(TensorShapeProto.Dimension::getDimValue).toList();
      }
    }
    throw new RewriteException(
        "parameter " + parameter + " is no float32 input of known shape of the step graph");
  }
}
