package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files as numpy.save writes them. */
public final class NpyBytes {
  private NpyBytes() {}

  /**
   * A file of format version 1.
   *
   * @param shape as Python writes it: (3, 2)
   */
  public static byte[] of(String descr, String shape, byte[] values) {
    return of(1, descr, shape, values);
  }

  static byte[] of(int version, String descr, String shape, byte[] values) {
    String header =
        "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    ByteBuffer buffer =
        ByteBuffer.allocate(8 + (version == 1 ? 2 : 4) + header.length() + values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    buffer.put((byte) version).put((byte) 0);
    if (version == 1) {
      buffer.putShort((short) header.length());
    } else {
      buffer.putInt(header.length());
    }
    return buffer.put(header.getBytes(StandardCharsets.US_ASCII)).put(values).array();
  }
}
