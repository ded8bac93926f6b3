package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Opens the values that a layout describes.
 *
 * @param source where the layout's ranges lie
 * @param model the model's name, for messages
 * @param folder where external data lies; null for a model in memory
 */
record TensorReader(ByteSource source, String model, ExternalFolder folder) {

  /** Bytes the values take as raw_data. */
  long bytes(TensorLayout layout) {
    ElementType type = layout.type();
    if (type.bits() == 0) {
      throw new OnnxException(
          where(layout)
              + ": values of type "
              + (type == ElementType.UNDEFINED ? "number " + layout.dataType() : type.label())
              + " cannot be read; only fixed-size element types can");
    }
    long bytes = Shapes.bytes(type, Shapes.elements(layout.dims()));
    if (bytes < 0) {
      throw new OnnxException(where(layout) + ": its shape is impossible; export the model again");
    }
    return bytes;
  }

  /**
   * Opens the values; as many bytes as {@link #bytes} says can be pulled.
   *
   * @throws OnnxException if they are missing or not as many as the shape asks for
   */
  ValueStream open(TensorLayout layout) {
    long bytes = bytes(layout);
    if (layout.segmented()) {
      throw new OnnxException(
          where(layout) + ": is a segment of a tensor, which is not supported; export it whole");
    }
    if (layout.isExternal()) {
      return openExternal(layout, bytes);
    }
    if (layout.raw() != null) {
      if (layout.raw().length() != bytes) {
        throw wrongSize(layout, layout.raw().length() + " bytes", bytes + " bytes");
      }
      return new RangeStream(source, false, layout.raw().body());
    }
    return openTyped(layout);
  }

  /** Model and tensor, for messages. */
  String where(TensorLayout layout) {
    return model + ": initializer '" + Failures.oneLine(layout.name()) + "'";
  }

  private ValueStream openExternal(TensorLayout layout, long bytes) {
    ExternalData data = ExternalData.of(layout.external(), where(layout));
    if (folder == null) {
      throw new OnnxException(
          where(layout)
              + ": its values lie in the external file '"
              + Failures.oneLine(data.location())
              + "', which a model from memory cannot reach; open the model from its path");
    }
    Path file = folder.resolve(data.location(), where(layout));
    if (data.length() >= 0 && data.length() != bytes) {
      throw wrongSize(layout, data.length() + " bytes of external data", bytes + " bytes");
    }
    try {
      FileSource external = new FileSource(file);
      if (data.offset() > external.size() || bytes > external.size() - data.offset()) {
        long size = external.size();
        external.close();
        throw new OnnxException(
            where(layout)
                + ": needs bytes "
                + data.offset()
                + " to "
                + (data.offset() + bytes)
                + " of "
                + file
                + ", which has "
                + size
                + "; fetch that file again");
      }
      return new RangeStream(external, true, data.offset());
    } catch (IOException e) {
      throw new OnnxException(
          where(layout) + ": " + file + " cannot be read: " + Failures.reason(e), e);
    }
  }

  private ValueStream openTyped(TensorLayout layout) {
    int field = fieldFor(layout.type());
    List<TensorLayout.Run> runs =
        layout.runs().stream().filter(run -> run.field() == field).toList();
    long wanted = values(layout);
    long found = TypedStream.count(source, model, runs, field);
    if (found != wanted) {
      throw wrongSize(layout, found + " values", wanted + " values");
    }
    return new TypedStream(source, model, runs, field, width(layout.type()));
  }

  private OnnxException wrongSize(TensorLayout layout, String found, String wanted) {
    return new OnnxException(
        where(layout)
            + ": has "
            + found
            + ", its shape "
            + layout.dims()
            + " of "
            + layout.type().label()
            + " asks for "
            + wanted
            + "; export the model again");
  }

  /** Values of the typed field: complex numbers take two, a packed type shares them. */
  private static long values(TensorLayout layout) {
    long elements = Shapes.elements(layout.dims());
    return switch (layout.type()) {
      case COMPLEX64, COMPLEX128 -> 2 * elements;
      default -> {
        int bits = layout.type().bits();
        yield bits < 8 ? Shapes.bytes(layout.type(), elements) : elements;
      }
    };
  }

  private static int width(ElementType type) {
    return switch (type) {
      case COMPLEX64 -> 4;
      case COMPLEX128 -> 8;
      default -> Math.max(1, type.bits() / 8);
    };
  }

  /** The typed field in which ONNX keeps values of a type. */
  private static int fieldFor(ElementType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> TensorProto.FLOAT_DATA_FIELD_NUMBER;
      case DOUBLE, COMPLEX128 -> TensorProto.DOUBLE_DATA_FIELD_NUMBER;
      case INT64 -> TensorProto.INT64_DATA_FIELD_NUMBER;
      case UINT32, UINT64 -> TensorProto.UINT64_DATA_FIELD_NUMBER;
      default -> TensorProto.INT32_DATA_FIELD_NUMBER;
    };
  }
}
