package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The values of a TensorProto, whichever field holds them, as raw_data would. */
final class ProtoValues {
  private ProtoValues() {}

  /**
   * @param source what messages call the tensor
   * @return a direct buffer
   * @throws DataException if the values lie elsewhere, are of a type that cannot be fed, or are
   *     more or fewer than the shape says
   */
  static ByteBuffer of(String source, TensorProto tensor) {
    ElementType type = ElementType.of(tensor.getDataType());
    if (type.bits() == 0 || type.bits() % 8 != 0) {
      throw new DataException(source + ": tensors of " + type.label() + " cannot be fed");
    }
    if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new DataException(source + ": values in another file are not read; embed them");
    }
    long bytes = type.bits() / 8;
    for (long dim : tensor.getDimsList()) {
      bytes = dim < 0 || (dim > 0 && bytes > Integer.MAX_VALUE / dim) ? -1 : bytes * dim;
      if (bytes < 0) {
        throw new DataException(
            source + ": a shape of " + tensor.getDimsList() + " cannot be; get the file again");
      }
    }
    // Asked before anything is allocated: a damaged shape must not cost memory.
    if (stored(type, tensor) != bytes) {
      throw new DataException(
          source
              + ": holds "
              + stored(type, tensor)
              + " bytes of values, its shape "
              + tensor.getDimsList()
              + " asks for "
              + bytes
              + "; get the file again");
    }
    ByteBuffer out = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    fill(type, tensor, out);
    return out.flip();
  }

  private static long stored(ElementType type, TensorProto tensor) {
    if (tensor.hasRawData()) {
      return tensor.getRawData().size();
    }
    return switch (type) {
      case FLOAT -> 4L * tensor.getFloatDataCount();
      case COMPLEX64 -> 4L * tensor.getFloatDataCount();
      case DOUBLE, COMPLEX128 -> 8L * tensor.getDoubleDataCount();
      case INT64 -> 8L * tensor.getInt64DataCount();
      case UINT64 -> 8L * tensor.getUint64DataCount();
      case UINT32 -> 4L * tensor.getUint64DataCount();
      default -> type.bits() / 8L * tensor.getInt32DataCount();
    };
  }

  private static void fill(ElementType type, TensorProto tensor, ByteBuffer out) {
    if (tensor.hasRawData()) {
      tensor.getRawData().copyTo(out);
      return;
    }
    switch (type) {
      case FLOAT, COMPLEX64 -> tensor.getFloatDataList().forEach(out::putFloat);
      case DOUBLE, COMPLEX128 -> tensor.getDoubleDataList().forEach(out::putDouble);
      case INT64 -> tensor.getInt64DataList().forEach(out::putLong);
      case UINT64 -> tensor.getUint64DataList().forEach(out::putLong);
      case UINT32 -> tensor.getUint64DataList().forEach(v -> out.putInt(v.intValue()));
      default -> {
        for (int value : tensor.getInt32DataList()) {
          switch (type.bits()) {
            case 8 -> out.put((byte) value);
            case 16 -> out.putShort((short) value);
            default -> out.putInt(value);
          }
        }
      }
    }
  }
}
