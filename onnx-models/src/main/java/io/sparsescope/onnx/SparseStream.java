package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** A sparse tensor as if it were dense. ONNX keeps the places in ascending order. */
final class SparseStream implements ValueStream {
  private final String where;
  private final ValueStream values;
  private final ValueStream indices;
  private final List<Long> dims;
  private final int width;
  private final ByteBuffer index;
  private final byte[] value;
  private final long elements;
  private long left;
  private long nextPlace;
  private long position;

  /**
   * @param stored number of stored values
   * @param linear whether an index is one number, not one for each axis
   * @param width bytes of an element
   */
  SparseStream(
      String where,
      ValueStream values,
      ValueStream indices,
      long stored,
      boolean linear,
      List<Long> dims,
      int width)
      throws IOException {
    this.where = where;
    this.values = values;
    this.indices = indices;
    this.dims = linear ? List.of(Shapes.elements(dims)) : dims;
    this.width = width;
    this.index = ByteBuffer.allocate(8 * this.dims.size()).order(ByteOrder.LITTLE_ENDIAN);
    this.value = new byte[width];
    this.elements = Shapes.elements(dims);
    this.left = stored;
    advance(-1);
  }

  @Override
  public void fill(ByteBuffer into) throws IOException {
    int start = into.position();
    int count = into.remaining() / width;
    into.put(new byte[into.remaining()]);
    while (nextPlace < position + count) {
      values.fill(ByteBuffer.wrap(value));
      into.put(start + (int) (nextPlace - position) * width, value);
      advance(nextPlace);
    }
    position += count;
  }

  private void advance(long before) throws IOException {
    if (left == 0) {
      nextPlace = Long.MAX_VALUE;
      return;
    }
    left--;
    indices.fill(index.clear());
    index.flip();
    long place = 0;
    for (long dim : dims) {
      long i = index.getLong();
      if (i < 0 || i >= dim) {
        throw outOfOrder();
      }
      place = place * dim + i;
    }
    if (place <= before || place >= elements) {
      throw outOfOrder();
    }
    nextPlace = place;
  }

  private OnnxException outOfOrder() {
    return new OnnxException(
        where + ": its sparse indices are out of range or out of order; export the model again");
  }

  @Override
  public void close() throws IOException {
    try (ValueStream first = values;
        ValueStream second = indices) {
      // Closes both, whatever the first one says.
    }
  }
}
