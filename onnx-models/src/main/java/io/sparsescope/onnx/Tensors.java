package io.sparsescope.onnx;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Makes small tensors, and opens stored ones. */
public final class Tensors {
  // A sparse tensor is made dense while it is read. A shape past both limits is not believed: a
  // few bytes must not ask for hours of zeros.
  private static final long MAX_DENSE = 1L << 28;
  private static final long MAX_DENSE_PER_STORED = 1 << 16;

  private Tensors() {}

  /** A float32 tensor; no {@code dims} make a scalar. */
  public static TensorProto floats(String name, float[] values, long... dims) {
    ByteBuffer raw = buffer(4L * values.length);
    for (float value : values) {
      raw.putFloat(value);
    }
    return raw(name, ElementType.FLOAT, raw.array(), dims);
  }

  /** An int64 tensor; no {@code dims} make a scalar. */
  public static TensorProto int64s(String name, long[] values, long... dims) {
    ByteBuffer raw = buffer(8L * values.length);
    for (long value : values) {
      raw.putLong(value);
    }
    return raw(name, ElementType.INT64, raw.array(), dims);
  }

  /**
   * A tensor from its values as raw_data lays them out: little-endian, row-major.
   *
   * @throws OnnxException if there are not as many as the shape asks for
   */
  public static TensorProto raw(String name, ElementType type, byte[] values, long... dims) {
    TensorProto.Builder tensor = of(name, type, dims);
    long elements = Shapes.elements(tensor.getDimsList());
    if (elements < 0 || Shapes.bytes(type, elements) != values.length) {
      throw new OnnxException(
          "tensor '"
              + Failures.oneLine(name)
              + "': "
              + values.length
              + " bytes do not fill the shape "
              + tensor.getDimsList()
              + " of "
              + type.label());
    }
    return tensor.setRawData(ByteString.copyFrom(values)).build();
  }

  /** A tensor without values as yet. */
  public static TensorProto.Builder of(String name, ElementType type, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(type.number());
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }

  /** The values of a tensor message, which must hold them itself. */
  public static TensorData data(TensorProto tensor) {
    BufferSource source = new BufferSource(ByteBuffer.wrap(tensor.toByteArray()));
    TensorReader reader = new TensorReader(source, "tensor", null);
    TensorLayout layout =
        TensorScanner.scan(new WireCursor(source, "tensor", 0, source.size()), 0, source.size());
    return stored(reader, layout, reader.where(layout));
  }

  static TensorData stored(TensorReader reader, TensorLayout layout, String where) {
    return new StoredTensor(
        where,
        layout.type(),
        Shapes.elements(layout.dims()),
        reader.bytes(layout),
        () -> reader.open(layout));
  }

  static TensorData stored(TensorReader reader, InitializerEntry entry) {
    TensorLayout values = entry.values();
    String where = reader.where(values);
    if (!entry.initializer().sparse()) {
      return stored(reader, values, where);
    }
    TensorLayout indices = entry.indices();
    List<Long> dims = entry.initializer().dims();
    int width = values.type().bits() / 8;
    long elements = entry.initializer().elements();
    long stored = reader.bytes(values);
    long most = Math.max(MAX_DENSE, Math.min(stored, 1L << 40) * MAX_DENSE_PER_STORED);
    if (width == 0 || elements > most / width) {
      throw new OnnxException(
          where
              + ": a sparse tensor of shape "
              + dims
              + " cannot be read as a dense one; store it dense");
    }
    return new StoredTensor(
        where,
        values.type(),
        elements,
        width * elements,
        () -> openSparse(reader, values, indices, dims, where));
  }

  private static ValueStream openSparse(
      TensorReader reader,
      TensorLayout values,
      TensorLayout indices,
      List<Long> dims,
      String where) {
    long stored = Shapes.elements(values.dims());
    boolean linear = indices.dims().equals(List.of(stored));
    boolean byAxis = indices.dims().equals(List.of(stored, (long) dims.size()));
    if (indices.type() != ElementType.INT64 || !linear && !byAxis) {
      throw new OnnxException(
          where + ": its sparse indices do not fit its values; export the model again");
    }
    ValueStream valueStream = reader.open(values);
    try {
      return new SparseStream(
          where, valueStream, reader.open(indices), stored, linear, dims, values.type().bits() / 8);
    } catch (IOException e) {
      valueStream.closeQuietly();
      throw new OnnxException(where + ": cannot be read: " + Failures.reason(e), e);
    } catch (OnnxException e) {
      valueStream.closeQuietly();
      throw e;
    }
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
