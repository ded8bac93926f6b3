package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Values of Constant nodes. */
final class Constants {
  private Constants() {}

  static Optional<TensorData> value(Node node, TensorReader reader) {
    if (!node.isStandard() || !node.op().equals("Constant")) {
      return Optional.empty();
    }
    for (AttributeProto attribute : node.proto().getAttributeList()) {
      Optional<TensorProto> tensor = tensor(attribute);
      if (tensor.isPresent()) {
        return tensor.flatMap(value -> data(node, value, reader));
      }
    }
    return Optional.empty();
  }

  /** The value of a Constant's attribute as a tensor; the values of a large one are left out. */
  static Optional<TensorProto> tensor(AttributeProto attribute) {
    return switch (attribute.getName()) {
      case "value" -> attribute.hasT() ? Optional.of(attribute.getT()) : Optional.empty();
      case "value_float" ->
          Optional.of(Tensors.of("", ElementType.FLOAT).addFloatData(attribute.getF()).build());
      case "value_floats" ->
          Optional.of(
              Tensors.of("", ElementType.FLOAT, attribute.getFloatsCount())
                  .addAllFloatData(attribute.getFloatsList())
                  .build());
      case "value_int" ->
          Optional.of(Tensors.of("", ElementType.INT64).addInt64Data(attribute.getI()).build());
      case "value_ints" ->
          Optional.of(
              Tensors.of("", ElementType.INT64, attribute.getIntsCount())
                  .addAllInt64Data(attribute.getIntsList())
                  .build());
      default -> Optional.empty();
    };
  }

  private static Optional<TensorData> data(Node node, TensorProto value, TensorReader reader) {
    if (ElementType.of(value.getDataType()).bits() == 0) {
      return Optional.empty();
    }
    TensorReader at =
        Elision.placeOf(value).isPresent()
            ? reader
            : new TensorReader(
                new BufferSource(ByteBuffer.wrap(value.toByteArray())),
                reader.model(),
                reader.folder());
    Elision.Place place = Elision.placeOf(value).orElse(new Elision.Place(0, at.source().size()));
    TensorLayout layout =
        TensorScanner.scan(
            new WireCursor(at.source(), at.model(), place.start(), place.end()),
            place.start(),
            place.end());
    return Optional.of(
        Tensors.stored(at, layout, at.model() + ": node '" + Failures.oneLine(node.name()) + "'"));
  }
}
