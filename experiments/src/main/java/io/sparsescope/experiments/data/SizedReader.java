package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** Images brought to one size and number of channels, those of the first. */
final class SizedReader implements RecordReader {
  private final RecordReader reader;
  private final ImageSize size;
  private final int channels;
  private final List<Long> dims;
  private Pixels pixels;
  private boolean first = true;
  private long at;

  /**
   * @param channels 1 or 3, whatever the images have; 0 to leave them
   */
  SizedReader(RecordReader reader, ImageSize size, int channels) {
    this.reader = reader;
    this.size = size;
    this.channels = channels;
    // The first image tells the size of all.
    if (!reader.next()) {
      throw new DataException(reader.name() + ": holds no images; choose other data");
    }
    pixels = sized();
    dims = List.of((long) pixels.channels(), (long) pixels.height(), (long) pixels.width());
  }

  private Pixels sized() {
    List<Long> stored = reader.dims();
    ByteBuffer values = reader.values();
    byte[] planes = new byte[values.remaining()];
    values.get(planes);
    Pixels image =
        new Pixels(
            stored.get(0).intValue(), stored.get(1).intValue(), stored.get(2).intValue(), planes);
    return size.apply(channels == 0 ? image : image.withChannels(channels), reader.describe(at));
  }

  @Override
  public String name() {
    return reader.name();
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
    return reader.size();
  }

  @Override
  public boolean next() {
    if (first) {
      first = false;
      return true;
    }
    if (!reader.next()) {
      return false;
    }
    at++;
    pixels = sized();
    if (pixels.height() != dims.get(1) || pixels.width() != dims.get(2)) {
      throw new DataException(
          reader.describe(at)
              + ": "
              + pixels.width()
              + "x"
              + pixels.height()
              + " pixels, but the first image has "
              + dims.get(2)
              + "x"
              + dims.get(1)
              + "; give all one size with --resize WxH, or --resize N --crop N");
    }
    return true;
  }

  @Override
  public ByteBuffer values() {
    return ByteBuffer.wrap(pixels.planes());
  }

  @Override
  public int label() {
    return reader.label();
  }

  @Override
  public String describe(long record) {
    return reader.describe(record);
  }

  @Override
  public List<String> notices() {
    return reader.notices();
  }

  @Override
  public void close() {
    reader.close();
  }
}
