package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What inference knows of a tensor.
 *
 * @param element its element type; UNDEFINED if not known, or if it is not a tensor
 * @param rank its rank, -1 if not known
 * @param length of a tensor of rank 1 its length, -1 if not known
 */
record Known(ElementType element, int rank, long length) {
  static final int UNKNOWN = -1;
  static final Known NOTHING = new Known(ElementType.UNDEFINED, UNKNOWN, UNKNOWN);

  static Known of(ElementType element, int rank) {
    return new Known(element, rank, UNKNOWN);
  }

  static Known of(ElementType element) {
    return new Known(element, UNKNOWN, UNKNOWN);
  }

  static Known of(ElementType element, List<Long> dims) {
    return new Known(element, dims.size(), dims.size() == 1 ? dims.get(0) : UNKNOWN);
  }

  static Known of(ValueInfoProto info) {
    TypeProto type = info.getType();
    if (!type.hasTensorType()) {
      return NOTHING;
    }
    ElementType element = ElementType.of(type.getTensorType().getElemType());
    if (!type.getTensorType().hasShape()) {
      return of(element);
    }
    TensorShapeProto shape = type.getTensorType().getShape();
    boolean hasLength = shape.getDimCount() == 1 && shape.getDim(0).hasDimValue();
    return new Known(
        element, shape.getDimCount(), hasLength ? shape.getDim(0).getDimValue() : UNKNOWN);
  }

  /** This, and where it says nothing what the other says. */
  Known or(Known other) {
    return new Known(
        element == ElementType.UNDEFINED ? other.element : element,
        rank < 0 ? other.rank : rank,
        length < 0 && (rank < 0 || rank == other.rank) ? other.length : length);
  }

  /** What both agree on. */
  Known and(Known other) {
    return new Known(
        element == other.element ? element : ElementType.UNDEFINED,
        rank == other.rank ? rank : UNKNOWN,
        length == other.length ? length : UNKNOWN);
  }

  Optional<TensorType> tensorType() {
    if (element == ElementType.UNDEFINED) {
      return Optional.empty();
    }
    return Optional.of(
        new TensorType(element, rank < 0 ? OptionalInt.empty() : OptionalInt.of(rank)));
  }
}
