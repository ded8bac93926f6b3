package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.List;

/**
 * Takes a transform's nodes, one after the other, each of one of ONNX's own operators; names are
 * chosen for them, and constants are shared within the model.
 */
public final class NodeMaker {
  private final Ops ops;
  private final Target target;

  NodeMaker(Ops ops, Target target) {
    this.ops = ops;
    this.target = target;
  }

  /** The model's version of ai.onnx. */
  public int opset() {
    return ops.opset();
  }

  /** The tensor that the transform is for. */
  public Target target() {
    return target;
  }

  /**
   * The type of what the transform takes and returns: float64 for float64 tensors, else float32.
   */
  public ElementType type() {
    return target.kind().compareType();
  }

  /** A node with one output; returns that output's name. {@code ""} is an input left out. */
  public String op(String type, String... inputs) {
    return ops.op(type, inputs);
  }

  /** A node with attributes, as {@link Nodes} makes them. */
  public String op(String type, List<AttributeProto> attributes, String... inputs) {
    return ops.op(type, attributes, inputs);
  }

  /** A node with several outputs. */
  public List<String> op(
      String type, int outputs, List<AttributeProto> attributes, String... inputs) {
    return ops.outputsOf(type, outputs, attributes, inputs);
  }

  /** The tensor in another type. */
  public String cast(String x, ElementType to) {
    return ops.cast(x, to);
  }

  /** A constant scalar of {@link #type()}. */
  public String scalar(double value) {
    return ops.scalar(type(), value);
  }

  /** A constant scalar of float64, whatever {@link #type()} is. */
  public String float64(double value) {
    return ops.scalar(ElementType.DOUBLE, value);
  }

  /** A constant scalar of int64. */
  public String int64(long value) {
    return ops.int64(value);
  }

  /** A constant vector of int64. */
  public String int64s(long... values) {
    return ops.int64s(values);
  }

  /**
   * {@code yes} where the mask is true, else {@code no}. ONNX Runtime's Where makes 0 of -0 in its
   * second input, not in its third: put what may be -0 into {@code no}.
   */
  public String select(String mask, String yes, String no) {
    return ops.op("Where", mask, yes, no);
  }

  /** {@code result}, but {@code x} where that is NaN. */
  public String keepNaN(String x, String result) {
    return select(op("IsNaN", x), x, result);
  }

  /** The tensor with one row a record: [records, elements of each]; a weight is one record. */
  public String records(String x) {
    return target.isOneRecord()
        ? op("Reshape", x, int64s(1, -1))
        : op("Flatten", List.of(Nodes.integer("axis", 1)), x);
  }

  /** A tensor of as many elements as {@code like}, in its shape. */
  public String reshapedLike(String x, String like) {
    // Before allowzero came, 0 meant the same dimension of x.
    List<AttributeProto> zeros = opset() >= 14 ? List.of(Nodes.integer("allowzero", 1)) : List.of();
    return op("Reshape", zeros, x, op("Shape", like));
  }

  /** How long a dimension is: int64, of shape [1]. */
  public String length(String x, int dimension) {
    return ops.gather(op("Shape", x), 0, dimension);
  }

  /** Sums over each row of a tensor of two dimensions: of shape [rows, 1]. */
  public String rowSums(String x) {
    AttributeProto keep = Nodes.integer("keepdims", 1);
    return opset() >= 13
        ? op("ReduceSum", List.of(keep), x, int64s(1))
        : op("ReduceSum", List.of(keep, Nodes.integers("axes", 1)), x);
  }

  /** True everywhere or false everywhere, in the shape that an int64 vector holds. */
  public String filled(String shape, boolean value) {
    AttributeProto v =
        Nodes.tensor(
            "value", Tensors.raw("", ElementType.BOOL, new byte[] {(byte) (value ? 1 : 0)}, 1));
    return op("ConstantOfShape", List.of(v), shape);
  }

  Ops ops() {
    return ops;
  }
}
