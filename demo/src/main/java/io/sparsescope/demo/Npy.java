package io.sparsescope.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Writes arrays in NumPy's format (version 1.0, little-endian, C order). */
final class Npy {
  private static final int ALIGNMENT = 64;
  private static final int PREAMBLE = 10;

  private Npy() {}

  /** An array of shape [rows.length, shape...]. */
  static void writeFloats(Path file, float[][] rows, long[] shape) throws IOException {
    ByteBuffer values =
        ByteBuffer.allocate(rows.length * rows[0].length * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      values.asFloatBuffer().put(row);
      values.position(values.position() + row.length * Float.BYTES);
    }
    write(file, "<f4", LongStream.concat(LongStream.of(rows.length), Arrays.stream(shape)), values);
  }

  static void writeLongs(Path file, long[] values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    write(file, "<i8", LongStream.of(values.length), bytes);
  }

  private static void write(Path file, String type, LongStream shape, ByteBuffer values)
      throws IOException {
    String dims = shape.mapToObj(d -> d + ",").collect(Collectors.joining());
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dims + "), }";
    int length = (PREAMBLE + header.length() + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    ByteBuffer out = ByteBuffer.allocate(length + values.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
    out.put((byte) 0).putShort((short) (length - PREAMBLE));
    out.put(header.getBytes(StandardCharsets.US_ASCII));
    while (out.position() < length - 1) {
      out.put((byte) ' ');
    }
    out.put((byte) '\n').put(values.array());
    Files.write(file, out.array());
  }
}
