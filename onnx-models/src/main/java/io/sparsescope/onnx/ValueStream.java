package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Values of a tensor, pulled front to back in the layout of raw_data. */
interface ValueStream extends AutoCloseable {

  /** Fills what remains of {@code into}: a whole number of elements, no more than are left. */
  void fill(ByteBuffer into) throws IOException;

  /** Closes after a failure that matters more than one of closing. */
  default void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      // The failure at hand is the one to report.
    }
  }

  @Override
  default void close() throws IOException {}
}
