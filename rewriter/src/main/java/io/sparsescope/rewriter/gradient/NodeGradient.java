package io.sparsescope.rewriter.gradient;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.rewriter.RewriteException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * A node of the forward pass as its rule sees it: attributes, tensors with their shapes, gradients
 * of its outputs, and a maker of nodes of opset 18. A node that a rule makes in the backward pass
 * is named {@code gradient:NODE/OPERATOR}, one in the forward pass {@code NODE/OPERATOR}; an output
 * has its node's name.
 */
public final class NodeGradient {
  private static final int IMAGES = 4;

  private final StepGraph step;
  private final Node node;
  private final Set<String> wanted;
  private final Map<String, String> kept = new HashMap<>();
  private String scope;

  NodeGradient(StepGraph step, Node node, Set<String> wanted) {
    this.step = step;
    this.node = node;
    this.wanted = wanted;
    scope = node.name();
  }

  /** From now on nodes are named as those of the backward pass. */
  void beginBackward() {
    scope = Gradients.gradient(node.name());
  }

  // The node.

  /** Its name; its first output's where it has none. */
  public String name() {
    return node.name();
  }

  /** The operator, of opset 18. */
  public String operator() {
    return node.op();
  }

  /** The node itself. */
  public NodeProto proto() {
    return node.proto();
  }

  /** An attribute of type INT. */
  public long integer(String attribute, long otherwise) {
    return attribute(attribute).map(AttributeProto::getI).orElse(otherwise);
  }

  /** An attribute of type FLOAT. */
  public float real(String attribute, float otherwise) {
    return attribute(attribute).map(AttributeProto::getF).orElse(otherwise);
  }

  /** An attribute of type STRING. */
  public String string(String attribute, String otherwise) {
    return attribute(attribute)
        .map(AttributeProto::getS)
        .map(ByteString::toStringUtf8)
        .orElse(otherwise);
  }

  /** An attribute of type INTS. */
  public long[] integers(String attribute, long... otherwise) {
    return attribute(attribute)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray())
        .orElse(otherwise);
  }

  private Optional<AttributeProto> attribute(String name) {
    return node.proto().getAttributeList().stream().filter(a -> a.getName().equals(name)).findAny();
  }

  /** Number of inputs, those left out at the end not counted. */
  public int inputs() {
    return node.proto().getInputCount();
  }

  /** Whether the input is there. */
  public boolean hasInput(int i) {
    return i < inputs() && !node.proto().getInput(i).isEmpty();
  }

  /** Name of an input, which must be there. */
  public String input(int i) {
    return node.proto().getInput(i);
  }

  /** Number of outputs, those left out at the end not counted. */
  public int outputs() {
    return node.proto().getOutputCount();
  }

  /** Name of an output; "" for one left out. */
  public String output(int i) {
    return i < outputs() ? node.proto().getOutput(i) : "";
  }

  /** Whether anything reads an output, or the model has it as its own. */
  public boolean isRead(int output) {
    Graph graph = step.forward().graph();
    String tensor = output(output);
    return !tensor.isEmpty() && (graph.isOutput(tensor) || !graph.consumers(tensor).isEmpty());
  }

  // What is known of tensors.

  /**
   * Shape of a tensor of the forward pass; -1 for a dimension that only a run tells.
   *
   * @throws RewriteException if not even the rank is known
   */
  public List<Long> shape(String tensor) {
    return step.shape(tensor)
        .orElseThrow(
            () ->
                failure(
                    "the shape of '" + tensor + "' cannot be told before the run",
                    "export the model with shapes (onnx.shape_inference)"));
  }

  /** Number of dimensions of a tensor of the forward pass. */
  public int rank(String tensor) {
    return shape(tensor).size();
  }

  /**
   * A dimension of a tensor of the forward pass; negative axes count from the end.
   *
   * @throws RewriteException if only a run tells it
   */
  public long dim(String tensor, int axis) {
    List<Long> shape = shape(tensor);
    long dim = shape.get(axis < 0 ? axis + shape.size() : axis);
    if (dim < 0) {
      throw failure(
          "dimension " + axis + " of '" + tensor + "' cannot be told before the run",
          "only the batch may be open: fix the model's other dimensions");
    }
    return dim;
  }

  /** Element type of a tensor of the forward pass, if it is known. */
  public Optional<ElementType> type(String tensor) {
    return step.forward().graph().type(tensor).map(TensorType::element);
  }

  /** The values of a constant int64 or int32 tensor; empty if the tensor is computed or fed. */
  public Optional<long[]> constantIntegers(String tensor) {
    return constant(tensor)
        .filter(d -> d.type() == ElementType.INT64 || d.type() == ElementType.INT32)
        .map(NodeGradient::longs);
  }

  /** The values of a constant float32 tensor; empty if the tensor is computed or fed. */
  public Optional<float[]> constantFloats(String tensor) {
    return constant(tensor)
        .filter(d -> d.type() == ElementType.FLOAT)
        .map(
            d -> {
              float[] values = new float[(int) d.elements()];
              bytes(d).asFloatBuffer().get(values);
              return values;
            });
  }

  private Optional<TensorData> constant(String tensor) {
    Initializer initializer = step.forward().graph().initializers().get(tensor);
    return initializer != null
        ? Optional.of(step.forward().data(initializer))
        : step.forward().graph().producer(tensor).flatMap(step.forward()::constant);
  }

  private static ByteBuffer bytes(TensorData data) {
    return data.toBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long[] longs(TensorData data) {
    ByteBuffer b = bytes(data);
    return LongStream.generate(() -> data.type() == ElementType.INT32 ? b.getInt() : b.getLong())
        .limit(data.elements())
        .toArray();
  }

  // Gradients.

  /** Whether the gradient of an input is wanted; never of one that is left out. */
  public boolean wants(int input) {
    return hasInput(input) && wanted.contains(input(input));
  }

  /** Gradient of an output; empty if the loss does not depend on it. */
  public Optional<String> gradient(int output) {
    return output(output).isEmpty() ? Optional.empty() : step.gradient(output(output));
  }

  /** Whether the loss depends on an output. */
  boolean hasGradient() {
    return node.proto().getOutputList().stream().anyMatch(step::hasGradient);
  }

  /** Gradient of the first output, for operators with one output. */
  public String gradient() {
    return gradient(0).orElseThrow();
  }

  /** Gives the gradient of an input, in that input's shape. What several nodes give is added. */
  public void give(int input, String gradient) {
    step.give(input(input), gradient);
  }

  /**
   * Gives the gradient of an input that was broadcast to the shape of a tensor of the forward pass:
   * summed over the axes along which it was repeated.
   */
  public void giveSummed(int input, String gradient, String broadcastTo) {
    give(input, Broadcast.sum(this, gradient, shape(broadcastTo), shape(input(input))));
  }

  /**
   * The gradient of an input that was broadcast to the shape of the first output, from one of that
   * output's shape.
   */
  public String summed(int input, String gradient) {
    return Broadcast.sum(this, gradient, shape(output(0)), shape(input(input)));
  }

  /**
   * Takes over weight decay: the factor with which the input itself is a part of its own gradient,
   * which the gradient given of it must then hold. 0 if it is no weight that decays, or another
   * node has taken it. A product of matrices adds it on its way.
   */
  double takeDecay(int input) {
    Double decay = step.decays().remove(input(input));
    return decay == null ? 0 : decay;
  }

  /**
   * Refuses a gradient for an input.
   *
   * @throws RewriteException if its gradient is wanted
   */
  public void requireConstant(int input) {
    if (wants(input)) {
      throw failure(
          "no rule tells the gradient of its input '" + input(input) + "'",
          "make that a constant, or train only parameters behind the node");
    }
  }

  /** Whether an input is made by a Relu and read by this node alone. */
  boolean readsRelu(int input) {
    Graph graph = step.forward().graph();
    String tensor = input(input);
    return !graph.isOutput(tensor)
        && graph.consumers(tensor).size() == 1
        && graph.producer(tensor).filter(n -> n.isStandard() && n.op().equals("Relu")).isPresent();
  }

  /** Says that the gradient given of an input is 0 wherever the input is 0. */
  void markActiveOnly(int input) {
    step.activeOnly().add(input(input));
  }

  /** Whether the first output's gradient is 0 wherever that output is 0. */
  boolean isActiveOnly() {
    return step.activeOnly().contains(output(0));
  }

  /** Keeps a tensor of the forward pass for the backward one. */
  public void keep(String what, String tensor) {
    kept.put(what, tensor);
  }

  /** A tensor that the forward pass kept. */
  public String kept(String what) {
    return kept.get(what);
  }

  // Images with the batch innermost.

  /** Whether a tensor of the forward pass is one of images that may lie so. */
  boolean turns(String tensor) {
    return step.innermost().isPresent() && rank(tensor) == IMAGES;
  }

  /** A tensor {@code [N,C,H,W]} as {@code [1,C,H,W,N]}. */
  String turned(String tensor) {
    return step.innermost().orElseThrow().of(tensor);
  }

  /** The tensor {@code [N,C,H,W]} that a tensor {@code [1,C,H,W,N]} stands for. */
  String back(String turned) {
    return step.innermost().orElseThrow().back(turned);
  }

  /** The same for one of that order, and of any shape, of the elements of a tensor like this. */
  String backFrom(String turned, String like) {
    long[] dims = {1, dim(like, 1), dim(like, 2), dim(like, 3), -1};
    return back(op("Reshape", turned, int64s(dims)));
  }

  /** A node of the forward pass in this one's place, whose output is the first one turned. */
  void addForwardTurned(String type, List<AttributeProto> attributes, String... inputs) {
    String made = step.free(output(0) + "/turned");
    step.add(
        Nodes.node(
            type,
            List.of(inputs),
            List.of(made),
            name(),
            attributes.toArray(AttributeProto[]::new)));
    step.innermost().orElseThrow().put(output(0), made);
  }

  // Nodes.

  /** Adds a node to the forward pass that has its own names, such as the outputs of this one. */
  public void addForward(NodeProto forward) {
    step.add(forward);
  }

  /** A node with one output; returns that output's name. "" is an input left out. */
  public String op(String type, String... inputs) {
    return op(type, List.of(), inputs);
  }

  /** A node with attributes, as {@link io.sparsescope.onnx.Nodes} makes them. */
  public String op(String type, List<AttributeProto> attributes, String... inputs) {
    return op(type, 1, attributes, inputs).get(0);
  }

  /** A node with several outputs. */
  public List<String> op(
      String type, int outputs, List<AttributeProto> attributes, String... inputs) {
    return step.ops(scope + "/" + type, type, outputs, attributes, inputs);
  }

  /** A free name for a tensor, in the scope of this node. */
  public String free(String what) {
    return step.free(scope + "/" + what);
  }

  /** A node of the forward pass in this one's place: under its name, for one of its outputs. */
  public void addForward(
      int output, String type, List<AttributeProto> attributes, String... inputs) {
    step.add(
        Nodes.node(
            type,
            List.of(inputs),
            List.of(output(output)),
            name(),
            attributes.toArray(AttributeProto[]::new)));
  }

  /** A constant float32 scalar. */
  public String scalar(double value) {
    return step.scalar(value);
  }

  /** A constant float32 tensor; no {@code dims} make a scalar. */
  public String floats(float[] values, long... dims) {
    return step.floats(values, dims);
  }

  /** A constant int64 scalar. */
  public String int64(long value) {
    return step.int64(value);
  }

  /** A constant int64 vector. */
  public String int64s(long... values) {
    return step.int64s(values);
  }

  /** A constant bool scalar. */
  public String bool(boolean value) {
    return step.bool(value);
  }

  /** A tensor in the shape of a tensor of the forward pass that has as many elements. */
  public String reshapedLike(String x, String like) {
    Optional<List<Long>> shape = step.shape(like);
    boolean known =
        shape.isPresent()
            && shape.get().stream().filter(d -> d < 0).count() <= 1
            && !shape.get().contains(0L);
    String target =
        known
            ? int64s(shape.get().stream().mapToLong(Long::longValue).toArray())
            : op("Shape", like);
    return op("Reshape", x, target);
  }

  /** A tensor repeated to the shape of a tensor of the forward pass, to which it broadcasts. */
  public String expandedLike(String x, String like) {
    boolean known = step.shape(like).filter(s -> s.stream().allMatch(d -> d >= 0)).isPresent();
    String target =
        known
            ? int64s(shape(like).stream().mapToLong(Long::longValue).toArray())
            : op("Shape", like);
    return op("Expand", x, target);
  }

  /** Zeros in the shape of a tensor of the forward pass. */
  public String zerosLike(String like) {
    return expandedLike(scalar(0), like);
  }

  /**
   * An input of the step graph of float32, with the shape of a tensor of the forward pass: the mask
   * of this Dropout.
   */
  String mask(String like, float ratio) {
    List<Long> dims = shape(like);
    Mask mask = new Mask(step.reserve(name() + "/mask"), name(), dims, ratio);
    step.addMask(mask);
    step.addInput(
        Values.tensor(
            mask.name(), ElementType.FLOAT, dims.stream().mapToLong(Long::longValue).toArray()));
    return mask.name();
  }

  /** Says which tensor of the forward pass is the next value of a statistic, an input here. */
  void next(int statistic, String tensor) {
    step.next().put(input(statistic), tensor);
  }

  /** What is wrong with this node and what to do. */
  public RewriteException failure(String what, String remedy) {
    return new RewriteException(
        "model "
            + step.forward().name()
            + ", node "
            + name()
            + " ("
            + operator()
            + "): "
            + what
            + ": "
            + remedy);
  }
}
