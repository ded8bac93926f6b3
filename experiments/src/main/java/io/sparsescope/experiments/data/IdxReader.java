package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Grey images and labels in IDX files, as MNIST and its kin come. */
final class IdxReader implements RecordReader {
  private static final int IMAGES = 0x0803;
  private static final int LABELS = 0x0801;

  private final DataFile images;
  private final DataFile labels;
  private final int count;
  private final List<Long> dims;
  private final byte[] record;
  private final byte[] label = new byte[1];
  private int at;

  private IdxReader(DataFile images, DataFile labels) {
    this.images = images;
    this.labels = labels;
    int[] header = header(images, IMAGES, 3);
    count = header[0];
    dims = List.of(1L, (long) header[1], (long) header[2]);
    long size = (long) header[1] * header[2];
    if (size == 0 || size > 1 << 26) {
      throw new DataException(
          images.path() + ": images of " + header[1] + "x" + header[2] + "; get the file again");
    }
    record = new byte[(int) size];
    if (labels != null) {
      int labelled = header(labels, LABELS, 1)[0];
      if (labelled != count) {
        throw new DataException(
            labels.path()
                + ": "
                + labelled
                + " labels for the "
                + count
                + " images of "
                + images.path().getFileName()
                + "; use files that belong together");
      }
    }
  }

  /** Opens the test or the training set of a folder. */
  static IdxReader open(Path folder, boolean train) {
    Path images =
        find(folder, "images", train)
            .orElseThrow(
                () ->
                    new DataException(
                        folder
                            + ": no IDX file with "
                            + (train ? "training" : "test")
                            + " images; it should hold "
                            + (train ? "train" : "t10k")
                            + "-images-idx3-ubyte, also with .gz or .xz"));
    DataFile imageFile = DataFile.open(images);
    DataFile labelFile = null;
    try {
      labelFile = find(folder, "labels", train).map(DataFile::open).orElse(null);
      return new IdxReader(imageFile, labelFile);
    } catch (DataException e) {
      imageFile.close();
      if (labelFile != null) {
        labelFile.close();
      }
      throw e;
    }
  }

  private static Optional<Path> find(Path folder, String content, boolean train) {
    return DataFile.list(folder).stream()
        .filter(file -> DataFile.plainName(file).contains(content))
        .filter(file -> DataFile.plainName(file).contains("idx"))
        .filter(file -> DataFile.plainName(file).startsWith("train") == train)
        .findFirst();
  }

  /** The dimensions, behind two zero bytes, the type (8: unsigned byte) and their number. */
  private static int[] header(DataFile file, int magic, int rank) {
    byte[] bytes = new byte[4 + 4 * rank];
    int read = file.read(bytes, bytes.length);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    if (read < bytes.length || header.getInt() != magic) {
      throw new DataException(
          file.path()
              + ": not an IDX file of unsigned bytes with "
              + rank
              + " dimensions;"
              + " use the data set's original files");
    }
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = header.getInt();
      if (dims[i] < 0) {
        throw new DataException(file.path() + ": a negative dimension; get the file again");
      }
    }
    return dims;
  }

  @Override
  public String name() {
    return images.path().toString();
  }

  @Override
  public ElementType type() {
    return ElementType.UINT8;
  }

  @Override
  public List<Long> dims() {
    return dims;
  }

  @Override
  public boolean images() {
    return true;
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(count);
  }

  @Override
  public boolean next() {
    if (at == count) {
      return false;
    }
    readFully(images, record);
    if (labels != null) {
      readFully(labels, label);
    }
    at++;
    return true;
  }

  private void readFully(DataFile file, byte[] to) {
    int read = file.read(to, to.length);
    if (read < to.length) {
      throw new DataException(
          file.path()
              + ": record "
              + at
              + " of "
              + count
              + " is cut off after "
              + read
              + " of "
              + to.length
              + " bytes; get the file again");
    }
  }

  @Override
  public ByteBuffer values() {
    return ByteBuffer.wrap(record);
  }

  @Override
  public int label() {
    return labels == null ? NO_LABEL : label[0] & 0xff;
  }

  @Override
  public void close() {
    images.close();
    if (labels != null) {
      labels.close();
    }
  }
}
