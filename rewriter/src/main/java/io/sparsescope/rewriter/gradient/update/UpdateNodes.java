package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.GraphProto;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Makes the nodes that update one parameter, and declares what goes into and out of them. */
final class UpdateNodes {
  private static final String PREFIX = "update:";

  private final GraphProto.Builder graph;
  private final Set<String> shared;
  private final StateSlot parameter;
  private final List<StateSlot> slots;
  private int made;

  /**
   * @param graph takes nodes and declarations
   * @param shared constants and scalar inputs that are there already
   * @param slots takes what is remembered of the parameter
   */
  UpdateNodes(
      GraphProto.Builder graph, Set<String> shared, StateSlot parameter, List<StateSlot> slots) {
    this.graph = graph;
    this.shared = shared;
    this.parameter = parameter;
    this.slots = slots;
  }

  String gradient() {
    return Update.GRADIENT + parameter.input();
  }

  /** What is remembered of the parameter, from the step before. */
  String memory(String end) {
    return parameter.input() + "/" + end;
  }

  /** A constant that the updates of all parameters of a rank share. */
  String constant(String name, double value) {
    String tensor = PREFIX + ranked(name);
    if (shared.add(tensor)) {
      graph.addInitializer(Tensors.floats(tensor, new float[] {(float) value}, ones()));
    }
    return tensor;
  }

  /** A scalar input that the updates of all parameters share, in this parameter's rank. */
  String scalar(String name) {
    if (shared.add(name)) {
      graph.addInput(Values.tensor(name, ElementType.FLOAT));
    }
    String tensor = PREFIX + ranked(name);
    if (shared.add(tensor)) {
      String shape = tensor + "/shape";
      graph.addInitializer(Tensors.int64s(shape, ones(), ones().length));
      node("Reshape", tensor, name, shape);
    }
    return tensor;
  }

  /**
   * ONNX Runtime 1.29.0 repeats a scalar of another rank along trailing dimensions of 1, as kernels
   * of 1x1 have them, element by element.
   */
  private long[] ones() {
    long[] ones = new long[parameter.dims().size()];
    Arrays.fill(ones, 1);
    return ones;
  }

  private String ranked(String name) {
    return name + "/" + parameter.dims().size();
  }

  String mul(String a, String b) {
    return node("Mul", free("Mul"), a, b);
  }

  String add(String a, String b) {
    return node("Add", free("Add"), a, b);
  }

  String div(String a, String b) {
    return node("Div", free("Div"), a, b);
  }

  String sqrt(String a) {
    return node("Sqrt", free("Sqrt"), a);
  }

  /** The sum of two tensors, which is remembered for the next step. */
  String addToNext(String end, String a, String b) {
    StateSlot slot = StateSlot.of(memory(end), parameter.dims());
    slots.add(slot);
    long[] dims = dims(slot);
    graph.addInput(Values.tensor(slot.input(), ElementType.FLOAT, dims));
    graph.addOutput(Values.tensor(slot.output(), ElementType.FLOAT, dims));
    return node("Add", slot.output(), a, b);
  }

  /** The parameter less a tensor: its next value. */
  void subToParameter(String change) {
    graph.addOutput(Values.tensor(parameter.output(), ElementType.FLOAT, dims(parameter)));
    node("Sub", parameter.output(), parameter.input(), change);
  }

  private String free(String op) {
    return PREFIX + parameter.input() + "/" + op + "_" + made++;
  }

  private String node(String op, String output, String... inputs) {
    String name = output.startsWith(PREFIX) ? output : PREFIX + output;
    graph.addNode(Nodes.node(op, List.of(inputs), List.of(output), name));
    return output;
  }

  private static long[] dims(StateSlot slot) {
    return slot.dims().stream().mapToLong(Long::longValue).toArray();
  }
}
