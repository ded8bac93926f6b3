package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Values that lie in a model or beside it. */
final class StoredTensor implements TensorData {
  static final int CHUNK = 256 * 1024;
  private static final int MAX_AT_ONCE = 1 << 30;

  private final String where;
  private final ElementType type;
  private final long elements;
  private final long bytes;
  private final Supplier<ValueStream> values;

  /**
   * @param where model and tensor, for messages
   * @param bytes how many {@code values} can give
   * @param values opens the values
   */
  StoredTensor(
      String where, ElementType type, long elements, long bytes, Supplier<ValueStream> values) {
    this.where = where;
    this.type = type;
    this.elements = elements;
    this.bytes = bytes;
    this.values = values;
  }

  @Override
  public ElementType type() {
    return type;
  }

  @Override
  public long elements() {
    return elements;
  }

  @Override
  public void forEachChunk(Consumer<ByteBuffer> consumer) {
    ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, bytes));
    try (ValueStream stream = values.get()) {
      for (long left = bytes; left > 0; left -= chunk.limit()) {
        chunk.clear().limit((int) Math.min(left, chunk.capacity()));
        stream.fill(chunk);
        consumer.accept(chunk.flip().duplicate().order(ByteOrder.LITTLE_ENDIAN));
      }
    } catch (IOException e) {
      throw new OnnxException(where + ": its values cannot be read: " + Failures.reason(e), e);
    }
  }

  @Override
  public ByteBuffer toBuffer() {
    if (bytes > MAX_AT_ONCE) {
      throw new OnnxException(
          where + ": " + bytes + " bytes are too many to read at once; read it in chunks");
    }
    try (ValueStream stream = values.get()) {
      // Opened first: the values are there before memory is taken for them.
      ByteBuffer all = ByteBuffer.allocate((int) bytes);
      stream.fill(all);
      return all.flip().order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new OnnxException(where + ": its values cannot be read: " + Failures.reason(e), e);
    }
  }
}
