package io.sparsescope.profile;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * An output of a run as it lies in memory. Neither copied nor changed; it must stay as it is for as
 * long as it is compared.
 *
 * @param type profile name of the element type, such as {@code float32}
 * @param shape lengths of the axes, not negative
 * @param bytes the elements, little-endian, last axis fastest, from position to limit
 */
public record OutputValue(String type, List<Long> shape, ByteBuffer bytes) {

  public OutputValue {
    shape = List.copyOf(shape);
  }

  /** Whether it is of one of the types that are compared. */
  public boolean isFloat() {
    return FloatReader.canRead(type);
  }
}
