package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * CIFAR's binary records: label bytes (CIFAR-10 one; CIFAR-100 the coarse class, then the fine one,
 * which is used), then the red, green and blue planes of 32x32 bytes.
 */
final class CifarReader implements RecordReader {
  private static final int PIXELS = 3 * 32 * 32;

  private final int classes;
  private final int labelBytes;
  private final List<Path> files;
  private final byte[] record;
  private DataFile file;
  private int nextFile;
  private long inFile;
  private long read;

  /** Number of the first record of each file opened so far; asked for by other threads. */
  private final List<Long> starts = new CopyOnWriteArrayList<>();

  private CifarReader(int classes, List<Path> files) {
    this.classes = classes;
    this.files = files;
    labelBytes = classes == 10 ? 1 : 2;
    record = new byte[labelBytes + PIXELS];
  }

  /**
   * Opens the test or the training set of a folder: its {@code .bin} files, also with .gz or .xz,
   * that have "test" in their name, or the others in the order of their names.
   *
   * @param classes 10 or 100
   */
  static CifarReader open(Path folder, int classes, boolean train) {
    // A file that lies there compressed and not is read once.
    Map<String, Path> byName = new LinkedHashMap<>();
    for (Path file : DataFile.list(folder)) {
      String name = DataFile.plainName(file);
      boolean alone = file.equals(folder);
      if (name.endsWith(".bin") && (alone || name.contains("test") != train)) {
        byName.merge(name, file, (a, b) -> DataFile.isCompressed(a) ? b : a);
      }
    }
    if (byName.isEmpty()) {
      String expected =
          classes == 10 ? (train ? "data_batch_1" : "test_batch") : (train ? "train" : "test");
      throw new DataException(
          folder
              + ": no CIFAR-"
              + classes
              + " files of the "
              + (train ? "training" : "test")
              + " set; it should hold "
              + expected
              + ".bin, also with .gz or .xz");
    }
    return new CifarReader(classes, List.copyOf(byName.values()));
  }

  @Override
  public String name() {
    return files.get(0).toString();
  }

  @Override
  public ElementType type() {
    return ElementType.UINT8;
  }

  @Override
  public List<Long> dims() {
    return List.of(3L, 32L, 32L);
  }

  @Override
  public boolean images() {
    return true;
  }

  @Override
  public OptionalLong size() {
    long bytes = 0;
    for (Path path : files) {
      if (DataFile.isCompressed(path)) {
        return OptionalLong.empty();
      }
      try {
        bytes += Files.size(path);
      } catch (IOException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of(bytes / record.length);
  }

  @Override
  public boolean next() {
    while (true) {
      if (file == null) {
        if (nextFile == files.size()) {
          return false;
        }
        file = DataFile.open(files.get(nextFile++));
        starts.add(read);
        inFile = 0;
      }
      int bytes = file.read(record, record.length);
      if (bytes == record.length) {
        checkLabel();
        inFile++;
        read++;
        return true;
      }
      if (bytes > 0 || inFile == 0) {
        throw new DataException(
            file.path()
                + ": record "
                + inFile
                + " is cut off after "
                + bytes
                + " of "
                + record.length
                + " bytes; get the file again");
      }
      file.close();
      file = null;
    }
  }

  private void checkLabel() {
    if (label() >= classes) {
      throw new DataException(
          file.path()
              + ": record "
              + inFile
              + " has label "
              + label()
              + ", but CIFAR-"
              + classes
              + " has "
              + classes
              + " classes; check that the file is of that data set");
    }
  }

  @Override
  public ByteBuffer values() {
    return ByteBuffer.wrap(record, labelBytes, PIXELS).slice();
  }

  @Override
  public int label() {
    return record[labelBytes - 1] & 0xff;
  }

  @Override
  public String describe(long number) {
    int of = starts.size() - 1;
    while (of > 0 && starts.get(of) > number) {
      of--;
    }
    return of < 0
        ? RecordReader.super.describe(number)
        : files.get(of) + ": record " + (number - starts.get(of));
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
    }
    nextFile = files.size();
  }
}
