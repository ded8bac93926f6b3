package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Values that lie as raw_data has them, in the model or in a file of their own. */
final class RangeStream implements ValueStream {
  private final ByteSource source;
  private final boolean owned;
  private long position;

  RangeStream(ByteSource source, boolean owned, long position) {
    this.source = source;
    this.owned = owned;
    this.position = position;
  }

  @Override
  public void fill(ByteBuffer into) throws IOException {
    int count = into.remaining();
    source.read(position, into);
    position += count;
  }

  @Override
  public void close() throws IOException {
    if (owned) {
      source.close();
    }
  }
}
