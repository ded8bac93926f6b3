package io.sparsescope.rewriter.transform;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.AttributeProto.AttributeType;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Makes nodes of ONNX's own operators as the model's opset has them, one after the other, each with
 * one output under a free name. Constants are initializers that all makers of one model share.
 */
public final class Ops {
  private final ModelEdit edit;
  private final Names names;
  private final int opset;
  private final Map<String, String> constants;
  private final String scope;
  private final List<NodeProto> nodes = new ArrayList<>();

  /**
   * @param edit where constants are added
   * @param names all names of the model
   * @param opset the model's version of ai.onnx
   */
  public Ops(ModelEdit edit, Names names, int opset) {
    this(edit, names, opset, new HashMap<>(), "sparsescope");
  }

  private Ops(ModelEdit edit, Names names, int opset, Map<String, String> constants, String scope) {
    this.edit = edit;
    this.names = names;
    this.opset = opset;
    this.constants = constants;
    this.scope = scope;
  }

  /** A maker with no nodes yet, whose names begin with {@code sparsescope/what}. */
  public Ops under(String what) {
    return new Ops(edit, names, opset, constants, "sparsescope/" + what);
  }

  private Ops branch() {
    return new Ops(edit, names, opset, constants, scope);
  }

  /** The nodes made so far. */
  public List<NodeProto> nodes() {
    return List.copyOf(nodes);
  }

  int opset() {
    return opset;
  }

  Names names() {
    return names;
  }

  String op(String type, String... inputs) {
    return add(node(type, inputs), type);
  }

  /** An operator whose output has the given name. */
  void opTo(String output, String type, String... inputs) {
    nodes.add(node(type, inputs).setName(names.take(scope + "/" + type)).addOutput(output).build());
  }

  /** An operator with attributes. */
  String op(String type, List<AttributeProto> attributes, String... inputs) {
    return add(node(type, inputs).addAllAttribute(attributes), type);
  }

  /** An operator with several outputs. */
  List<String> outputsOf(
      String type, int outputs, List<AttributeProto> attributes, String... inputs) {
    NodeProto.Builder n = node(type, inputs).addAllAttribute(attributes);
    for (int i = 0; i < outputs; i++) {
      n.addOutput(names.take(scope + "/" + type));
    }
    nodes.add(n.setName(n.getOutput(0)).build());
    return n.getOutputList();
  }

  /** A node as it is; its names must be free. */
  void put(NodeProto node) {
    nodes.add(node);
  }

  /** A tensor of the model's own; its name must be free. */
  void initializer(TensorProto tensor) {
    edit.addInitializer(tensor);
  }

  /** The version of a domain's operators that the model imports, 0 if none. */
  int opset(String domain) {
    return edit.opset(domain);
  }

  /** Has the model import the operators of a domain that it does not import yet. */
  void importOpset(String domain, int version) {
    edit.importOpset(domain, version);
  }

  /** A free name within this maker's scope. */
  String free(String wanted) {
    return names.take(scope + "/" + wanted);
  }

  /** Gives a tensor another name: that of the node made here that produces it, or by a copy. */
  void rename(String tensor, String name) {
    if (nodes.stream().noneMatch(n -> n.getOutputList().contains(tensor))) {
      opTo(name, "Identity", tensor);
      return;
    }
    for (int i = 0; i < nodes.size(); i++) {
      NodeProto n = nodes.get(i);
      if (n.getInputList().contains(tensor) || n.getOutputList().contains(tensor)) {
        NodeProto.Builder b = n.toBuilder().clearInput().clearOutput();
        n.getInputList().forEach(x -> b.addInput(x.equals(tensor) ? name : x));
        n.getOutputList().forEach(x -> b.addOutput(x.equals(tensor) ? name : x));
        nodes.set(i, b.build());
      }
    }
  }

  /** An operator of a domain that is not ONNX's own, of which the model then imports version 1. */
  String foreign(String domain, String type, String... inputs) {
    edit.importOpset(domain, 1);
    return add(node(type, inputs).setDomain(domain), type);
  }

  /** The same with a list of integers as attribute. */
  String foreign(String domain, String type, String list, List<Long> values, String... inputs) {
    edit.importOpset(domain, 1);
    NodeProto.Builder n = node(type, inputs).setDomain(domain);
    n.addAttribute(
        AttributeProto.newBuilder().setName(list).setType(AttributeType.INTS).addAllInts(values));
    return add(n, type);
  }

  String cast(String x, ElementType to) {
    NodeProto.Builder n = node("Cast", x).addAttribute(attribute("to", to.number()));
    return add(n, "Cast");
  }

  void castTo(String output, String x, ElementType to) {
    nodes.add(
        node("Cast", x)
            .addAttribute(attribute("to", to.number()))
            .setName(names.take(scope + "/Cast"))
            .addOutput(output)
            .build());
  }

  /** Sum over all axes to a scalar. */
  String sum(String x) {
    return add(node("ReduceSum", x).addAttribute(attribute("keepdims", 0)), "ReduceSum");
  }

  /** Sum over all axes, each of which stays with one element. */
  String sumKeepingAxes(String x) {
    return add(node("ReduceSum", x).addAttribute(attribute("keepdims", 1)), "ReduceSum");
  }

  /** Sum over the given axes, which vanish. */
  String sum(String x, long... axes) {
    if (opset >= 13) {
      NodeProto.Builder n = node("ReduceSum", x, int64s(axes));
      return add(n.addAttribute(attribute("keepdims", 0)), "ReduceSum");
    }
    AttributeProto.Builder list =
        AttributeProto.newBuilder().setName("axes").setType(AttributeType.INTS);
    Arrays.stream(axes).forEach(list::addInts);
    return add(
        node("ReduceSum", x).addAttribute(list).addAttribute(attribute("keepdims", 0)),
        "ReduceSum");
  }

  String concat(List<String> inputs, int axis) {
    NodeProto.Builder n = node("Concat", inputs.toArray(String[]::new));
    return add(n.addAttribute(attribute("axis", axis)), "Concat");
  }

  /** The same as an output of the given name. */
  void concatTo(String output, List<String> inputs, int axis) {
    nodes.add(
        node("Concat", inputs.toArray(String[]::new))
            .addAttribute(attribute("axis", axis))
            .setName(names.take(scope + "/Concat"))
            .addOutput(output)
            .build());
  }

  /** Parts of the given sizes along an axis. */
  List<String> split(String x, int axis, List<Long> parts) {
    NodeProto.Builder n;
    if (opset >= 13) {
      n = node("Split", x, int64s(parts.stream().mapToLong(Long::longValue).toArray()));
    } else {
      n =
          node("Split", x)
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("split")
                      .setType(AttributeType.INTS)
                      .addAllInts(parts));
    }
    n.addAttribute(attribute("axis", axis)).setName(names.take(scope + "/Split"));
    List<String> outputs = parts.stream().map(p -> names.take(scope + "/Split")).toList();
    nodes.add(n.addAllOutput(outputs).build());
    return outputs;
  }

  String gather(String x, int axis, long... indices) {
    NodeProto.Builder n = node("Gather", x, int64s(indices));
    return add(n.addAttribute(attribute("axis", axis)), "Gather");
  }

  String hardSigmoid(String x, float alpha) {
    NodeProto.Builder n =
        node("HardSigmoid", x)
            .addAttribute(attribute("alpha", alpha))
            .addAttribute(attribute("beta", 0f));
    return add(n, "HardSigmoid");
  }

  /** What a branch of {@link #choose} makes. */
  interface Branch {
    /** Makes the branch's nodes, at least one, and returns the last one's output. */
    String emit(Ops ops);
  }

  /** An If whose result is an int64 tensor of shape [1, columns]. */
  String choose(String condition, int columns, Branch then, Branch otherwise) {
    NodeProto.Builder n =
        node("If", condition)
            .addAttribute(graph("then_branch", then, columns))
            .addAttribute(graph("else_branch", otherwise, columns));
    return add(n, "If");
  }

  private AttributeProto graph(String attribute, Branch content, int columns) {
    Ops ops = branch();
    String output = content.emit(ops);
    GraphProto g =
        GraphProto.newBuilder()
            .setName(names.take(scope + "/" + attribute))
            .addAllNode(ops.nodes)
            .addOutput(info(output, ElementType.INT64, 1L, columns))
            .build();
    return AttributeProto.newBuilder()
        .setName(attribute)
        .setType(AttributeType.GRAPH)
        .setG(g)
        .build();
  }

  /** A tensor's name and type; a negative dimension is unknown. */
  static ValueInfoProto info(String name, ElementType type, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long d : dims) {
      TensorShapeProto.Dimension.Builder dim = shape.addDimBuilder();
      if (d >= 0) {
        dim.setDimValue(d);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.number()).setShape(shape).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /** A scalar of a float type. */
  String scalar(ElementType type, double value) {
    return constants.computeIfAbsent(
        type.label() + "/" + value, k -> constant(k, scalarTensor(type, value)));
  }

  /**
   * A scalar of a float type in the rank of what it meets: ONNX Runtime 1.29.0 repeats one of
   * another rank along trailing dimensions of 1 element by element.
   */
  String scalar(ElementType type, double value, OptionalInt rank) {
    if (rank.isEmpty()) {
      return scalar(type, value);
    }
    List<Long> ones = Collections.nCopies(rank.getAsInt(), 1L);
    TensorProto tensor = scalarTensor(type, value).toBuilder().addAllDims(ones).build();
    return shared(type.label() + "/" + value + "/" + ones.size(), tensor);
  }

  /** A scalar tensor without a name: of float64, or of float32 for any other type. */
  static TensorProto scalarTensor(ElementType type, double value) {
    boolean wide = type == ElementType.DOUBLE;
    ByteBuffer raw = ByteBuffer.allocate(wide ? 8 : 4).order(ByteOrder.LITTLE_ENDIAN);
    if (wide) {
      raw.putDouble(value);
    } else {
      raw.putFloat((float) value);
    }
    return TensorProto.newBuilder()
        .setDataType((wide ? ElementType.DOUBLE : ElementType.FLOAT).number())
        .setRawData(ByteString.copyFrom(raw.flip()))
        .build();
  }

  /** A vector of int64. */
  String int64s(long... values) {
    return constants.computeIfAbsent(
        "int64/" + Arrays.toString(values), k -> constant(k, int64Tensor(values, values.length)));
  }

  /** A scalar of int64. */
  String int64(long value) {
    return constants.computeIfAbsent("int64/" + value, k -> constant(k, int64Tensor(value)));
  }

  /** A scalar or list tensor under a name that all who ask for the same share. */
  String shared(String key, TensorProto value) {
    return constants.computeIfAbsent(key, k -> constant(k, value));
  }

  /** An int64 tensor of shape [1, values]. */
  String row(long... values) {
    return constants.computeIfAbsent(
        "row/" + Arrays.toString(values), k -> constant(k, int64Tensor(values, 1, values.length)));
  }

  /** A float64 tensor of shape [rows, columns]. */
  String matrix(int rows, int columns, double... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(raw::putDouble);
    return constant(
        "matrix",
        TensorProto.newBuilder()
            .setDataType(ElementType.DOUBLE.number())
            .setRawData(ByteString.copyFrom(raw.flip()))
            .addDims(rows)
            .addDims(columns)
            .build());
  }

  private static TensorProto int64Tensor(long value) {
    return int64Tensor(new long[] {value});
  }

  private static TensorProto int64Tensor(long[] values, long... dims) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(raw::putLong);
    TensorProto.Builder t =
        TensorProto.newBuilder()
            .setDataType(ElementType.INT64.number())
            .setRawData(ByteString.copyFrom(raw.flip()));
    Arrays.stream(dims).forEach(t::addDims);
    return t.build();
  }

  private String constant(String key, TensorProto value) {
    String name = names.take("sparsescope/constant/" + key.replace(" ", ""));
    edit.addInitializer(value.toBuilder().setName(name).build());
    return name;
  }

  private static NodeProto.Builder node(String type, String... inputs) {
    return NodeProto.newBuilder().setOpType(type).addAllInput(Arrays.asList(inputs));
  }

  private String add(NodeProto.Builder node, String type) {
    String name = names.take(scope + "/" + type);
    nodes.add(node.setName(name).addOutput(name).build());
    return name;
  }

  private static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  private static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }
}
