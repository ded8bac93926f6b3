package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;

/** Makes declarations of inputs and outputs. */
public final class Values {
  private Values() {}

  /** A tensor of known shape; a negative dimension is one that is not known. */
  public static ValueInfoProto tensor(String name, ElementType type, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
      if (dim >= 0) {
        dimension.setDimValue(dim);
      }
    }
    return of(
        name, TypeProto.Tensor.newBuilder().setElemType(type.number()).setShape(shape).build());
  }

  /** A tensor of which not even the rank is known. */
  public static ValueInfoProto unshaped(String name, ElementType type) {
    return of(name, TypeProto.Tensor.newBuilder().setElemType(type.number()).build());
  }

  /** The declaration that fits a tensor. */
  static ValueInfoProto like(TensorProto tensor) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : tensor.getDimsList()) {
      shape.addDimBuilder().setDimValue(dim);
    }
    return of(
        tensor.getName(),
        TypeProto.Tensor.newBuilder().setElemType(tensor.getDataType()).setShape(shape).build());
  }

  private static ValueInfoProto of(String name, TypeProto.Tensor type) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
