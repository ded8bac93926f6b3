package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An array file of NumPy's, format version 1 to 3, little-endian and in C order. */
final class NpyFile implements AutoCloseable {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 20;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");
  private static final Map<String, ElementType> TYPES =
      Map.ofEntries(
          Map.entry("<f4", ElementType.FLOAT),
          Map.entry("<f8", ElementType.DOUBLE),
          Map.entry("<f2", ElementType.FLOAT16),
          Map.entry("|u1", ElementType.UINT8),
          Map.entry("|i1", ElementType.INT8),
          Map.entry("|b1", ElementType.BOOL),
          Map.entry("<i4", ElementType.INT32),
          Map.entry("<i8", ElementType.INT64));

  private final DataFile file;
  private final ElementType type;
  private final List<Long> shape;

  private NpyFile(DataFile file, ElementType type, List<Long> shape) {
    this.file = file;
    this.type = type;
    this.shape = shape;
  }

  static NpyFile open(Path path) {
    DataFile file = DataFile.open(path);
    try {
      String header = header(file);
      if (group(file, ORDER, header).equals("True")) {
        throw new DataException(
            path + ": is in Fortran order; save it with numpy.ascontiguousarray");
      }
      return new NpyFile(file, type(file, group(file, DESCR, header)), shape(file, header));
    } catch (DataException e) {
      file.close();
      throw e;
    }
  }

  private static String header(DataFile file) {
    byte[] start = new byte[8];
    if (file.read(start, 8) < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new DataException(file.path() + ": not a .npy file; save the array with numpy.save");
    }
    int major = start[6];
    if (major < 1 || major > 3) {
      throw new DataException(
          file.path() + ": .npy version " + major + " is unknown; save it with version 1 or 2");
    }
    byte[] size = new byte[4];
    file.read(size, major == 1 ? 2 : 4);
    int length = ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (length < 0 || length > MAX_HEADER) {
      throw new DataException(file.path() + ": a damaged .npy header; save the array again");
    }
    byte[] header = new byte[length];
    if (file.read(header, length) < length) {
      throw new DataException(file.path() + ": is cut off in its header; save the array again");
    }
    return new String(header, StandardCharsets.UTF_8);
  }

  private static String group(DataFile file, Pattern pattern, String header) {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new DataException(
          file.path()
              + ": a .npy header without a plain type, order and shape; save one array of numbers"
              + " with numpy.save");
    }
    return matcher.group(1);
  }

  private static ElementType type(DataFile file, String descr) {
    ElementType type = TYPES.get(descr);
    if (type == null) {
      throw new DataException(
          file.path()
              + ": values of type "
              + descr
              + " are not read; convert them with astype('<f4'), '<f8', 'uint8' or '<i8'");
    }
    return type;
  }

  private static List<Long> shape(DataFile file, String header) {
    List<Long> shape = new ArrayList<>();
    for (String dim : group(file, SHAPE, header).split(",", -1)) {
      if (!dim.isBlank()) {
        try {
          shape.add(Long.parseLong(dim.strip()));
        } catch (NumberFormatException e) {
          throw new DataException(
              file.path() + ": a dimension of " + dim.strip() + " is too large", e);
        }
      }
    }
    if (shape.isEmpty()) {
      throw new DataException(
          file.path() + ": a single number; save an array whose first dimension counts records");
    }
    return shape;
  }

  Path path() {
    return file.path();
  }

  ElementType type() {
    return type;
  }

  /** Number of records. */
  long records() {
    return shape.get(0);
  }

  /** Shape of a record. */
  List<Long> recordDims() {
    return shape.subList(1, shape.size());
  }

  /** Bytes of a record. */
  int recordBytes() {
    long bytes = type.bits() / 8;
    for (long dim : recordDims()) {
      bytes = dim != 0 && bytes > Integer.MAX_VALUE / dim ? Long.MAX_VALUE : bytes * dim;
      if (bytes > Integer.MAX_VALUE - 8) {
        throw new DataException(
            path() + ": records of more than 2 GiB; the first dimension must count records");
      }
    }
    return (int) bytes;
  }

  /** Reads record number {@code index}, which is the next one. */
  void read(byte[] record, long index) {
    int read = file.read(record, record.length);
    if (read < record.length) {
      throw new DataException(
          path()
              + ": record "
              + index
              + " of "
              + records()
              + " is cut off after "
              + read
              + " of "
              + record.length
              + " bytes; save the array again");
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
