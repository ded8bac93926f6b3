package io.sparsescope.rewriter.gradient;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.transform.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The step graph while it grows: its nodes, constants, inputs, and the gradients so far. */
final class StepGraph {
  private final ModelProto forwardProto;
  private final ModelFile forward;
  private final Map<String, List<Long>> shapes;
  private final Names names;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<TensorProto> constants = new ArrayList<>();
  private final Map<ByteString, String> constantNames = new HashMap<>();
  private final List<ValueInfoProto> inputs = new ArrayList<>();
  private final List<Mask> masks = new ArrayList<>();
  private final Map<String, String> next = new LinkedHashMap<>();
  private final Map<String, List<String>> given = new HashMap<>();
  private final Set<String> activeOnly = new HashSet<>();
  private final Map<String, Double> decays = new HashMap<>();
  private final Set<String> own = new HashSet<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> scalars = new HashSet<>(Set.of(""));
  private final Optional<BatchInnermost> innermost;

  /**
   * A step graph without nodes as yet, for a forward pass as {@link ForwardModel} makes it.
   *
   * @param turns whether images may lie with the batch innermost; nodes of bodies cannot have that,
   *     and what grouped convolutions read would be brought back and turned again, which costs more
   *     than it gains
   */
  StepGraph(String model, ModelProto proto, boolean turns) {
    forwardProto = proto;
    forward = ModelFile.of(model, proto.toByteArray());
    shapes = ShapeInference.infer(forward);
    names = new Names(forward.graph());
    boolean bodies = forward.graph().allNodes().size() > forward.graph().nodes().size();
    boolean grouped = forward.graph().nodes().stream().anyMatch(StepGraph::isGrouped);
    innermost =
        turns && !bodies && !grouped ? Optional.of(new BatchInnermost(this)) : Optional.empty();
    forward.graph().initializers().values().stream()
        .filter(i -> isOne(i.dims()))
        .forEach(i -> scalars.add(i.name()));
  }

  private static boolean isGrouped(Node node) {
    return node.proto().getAttributeList().stream()
        .anyMatch(attribute -> attribute.getName().equals("group") && attribute.getI() > 1);
  }

  ModelProto forwardProto() {
    return forwardProto;
  }

  ModelFile forward() {
    return forward;
  }

  /**
   * The nodes of the forward pass before any rule saw them, with all that their attributes hold.
   */
  List<Node> forwardNodes() {
    return forward.graph().nodes().stream()
        .map(
            n ->
                new Node(
                    n.name(), n.index(), forwardProto.getGraph().getNode(n.index()), n.parent()))
        .toList();
  }

  /** Which images lie with the batch innermost; empty if none may. */
  Optional<BatchInnermost> innermost() {
    return innermost;
  }

  private static boolean isOne(List<Long> dims) {
    return dims.stream().allMatch(d -> d == 1);
  }

  /** Whether a tensor is a constant of one element, or "", which is none. */
  boolean isScalar(String tensor) {
    return scalars.contains(tensor);
  }

  List<NodeProto> nodes() {
    innermost.ifPresent(i -> renamed.putAll(i.names()));
    return nodes.stream().map(this::withFinalNames).toList();
  }

  List<TensorProto> constants() {
    return constants;
  }

  List<ValueInfoProto> inputs() {
    return inputs;
  }

  List<Mask> masks() {
    return masks;
  }

  /** Outputs of Relus whose gradient is 0 already where the Relu's is. */
  Set<String> activeOnly() {
    return activeOnly;
  }

  /**
   * Weight decay that no node has taken as yet: the factor of the weight in its own gradient, by
   * the weight's name.
   */
  Map<String, Double> decays() {
    return decays;
  }

  /** Name of the tensor with a statistic's next value, by the statistic's name. */
  Map<String, String> next() {
    return next;
  }

  Optional<List<Long>> shape(String tensor) {
    return Optional.ofNullable(shapes.get(tensor));
  }

  /** Takes a name that must not be in the model. */
  String reserve(String name) {
    if (names.contains(name)) {
      throw new RewriteException(
          "model "
              + forward.name()
              + ": has a tensor or node named '"
              + name
              + "', a name that the step graph needs: rename it");
    }
    return names.take(name);
  }

  /** The free name nearest to the wanted one. */
  String free(String wanted) {
    return names.take(wanted);
  }

  /** The same for a tensor that a gradient's name may take the place of. */
  String freeOwn(String wanted) {
    String name = free(wanted);
    own.add(name);
    return name;
  }

  void add(NodeProto node) {
    nodes.add(adapted(node));
  }

  private NodeProto adapted(NodeProto node) {
    return innermost.map(i -> i.adapted(node)).orElse(node);
  }

  void addInput(ValueInfoProto input) {
    inputs.add(input);
  }

  void addMask(Mask mask) {
    masks.add(mask);
  }

  /** Adds a node; its name and outputs' names are the free ones nearest to {@code wanted}. */
  List<String> ops(
      String wanted, String type, int outputs, List<AttributeProto> attributes, String... in) {
    String name = names.take(wanted);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      out.add(i == 0 ? name : names.take(wanted + "/" + i));
    }
    own.addAll(out);
    add(Nodes.node(type, List.of(in), out, name, attributes.toArray(AttributeProto[]::new)));
    return out;
  }

  /** Adds a node with one output of a given name. */
  void opTo(
      String output, String wanted, String type, List<AttributeProto> attributes, String... in) {
    add(
        Nodes.node(
            type,
            List.of(in),
            List.of(output),
            names.take(wanted),
            attributes.toArray(AttributeProto[]::new)));
  }

  /** The constant of these values and shape; equal ones are one initializer. */
  String constant(TensorProto tensor) {
    return constantNames.computeIfAbsent(
        tensor.toBuilder().clearName().build().toByteString(),
        key -> {
          String name = names.take("constant/" + constants.size());
          constants.add(tensor.toBuilder().setName(name).build());
          if (isOne(tensor.getDimsList())) {
            scalars.add(name);
          }
          return name;
        });
  }

  String floats(float[] values, long... dims) {
    return constant(Tensors.floats("", values, dims));
  }

  String scalar(double value) {
    return floats(new float[] {(float) value});
  }

  /**
   * A constant scalar in the rank of what it meets: ONNX Runtime 1.29.0 repeats one of another rank
   * along trailing dimensions of 1 element by element.
   */
  String scalar(double value, int rank) {
    long[] ones = new long[rank];
    Arrays.fill(ones, 1);
    return floats(new float[] {(float) value}, ones);
  }

  String int64s(long... values) {
    return constant(Tensors.int64s("", values, values.length));
  }

  String int64(long value) {
    return constant(Tensors.int64s("", new long[] {value}));
  }

  String bool(boolean value) {
    return constant(Tensors.raw("", ElementType.BOOL, new byte[] {(byte) (value ? 1 : 0)}));
  }

  /** Adds a part of a tensor's gradient. */
  void give(String tensor, String gradient) {
    innermost.ifPresent(i -> i.turnLike(tensor, gradient));
    given.computeIfAbsent(tensor, t -> new ArrayList<>()).add(gradient);
  }

  boolean hasGradient(String tensor) {
    return given.containsKey(tensor);
  }

  /**
   * The sum of what was given of a tensor's gradient, under the name {@code gradient:TENSOR}; to be
   * asked for when nothing more will be given.
   */
  Optional<String> gradient(String tensor) {
    List<String> parts = given.get(tensor);
    if (parts == null) {
      return Optional.empty();
    }
    String name = Gradients.gradient(tensor);
    if (!parts.equals(List.of(name))) {
      String node = forward.graph().producer(tensor).map(Node::name).orElse(tensor);
      settle(reserve(name), Gradients.gradient(node), parts);
      given.put(tensor, List.of(name));
    }
    return Optional.of(name);
  }

  private void settle(String name, String node, List<String> parts) {
    if (parts.size() > 1) {
      opTo(name, node + "/Sum", "Sum", List.of(), parts.toArray(String[]::new));
    } else if (own.contains(parts.get(0)) && !renamed.containsKey(parts.get(0))) {
      renamed.put(parts.get(0), name);
      innermost.ifPresent(i -> i.rename(parts.get(0), name));
    } else {
      opTo(name, node + "/Identity", "Identity", List.of(), parts.get(0));
    }
  }

  private NodeProto withFinalNames(NodeProto node) {
    boolean touched =
        node.getInputList().stream().anyMatch(renamed::containsKey)
            || node.getOutputList().stream().anyMatch(renamed::containsKey);
    if (!touched) {
      return node;
    }
    NodeProto.Builder b = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(t -> b.addInput(renamed.getOrDefault(t, t)));
    node.getOutputList().forEach(t -> b.addOutput(renamed.getOrDefault(t, t)));
    return b.build();
  }
}
