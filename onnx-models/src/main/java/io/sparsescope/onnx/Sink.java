package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a model is written to, front to back. */
interface Sink {

  void write(ByteBuffer bytes) throws IOException;

  /** Writes a range of a source. */
  void copy(ByteSource source, long start, long end) throws IOException;
}
