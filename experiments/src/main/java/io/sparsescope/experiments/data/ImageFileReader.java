package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * Images from files. Each has its own size and number of channels: {@link #dims} are those of the
 * current one.
 */
final class ImageFileReader implements RecordReader {
  private final Path folder;
  private final List<ImageFolder.Entry> entries;
  private final boolean upright;
  private int at = -1;
  private Pixels pixels;
  private volatile long turned;

  private ImageFileReader(Path folder, List<ImageFolder.Entry> entries, boolean upright) {
    this.folder = folder;
    this.entries = entries;
    this.upright = upright;
  }

  static ImageFileReader open(Path folder, boolean upright) {
    return new ImageFileReader(folder, ImageFolder.list(folder), upright);
  }

  @Override
  public String name() {
    return folder.toString();
  }

  @Override
  public ElementType type() {
    return ElementType.UINT8;
  }

  @Override
  public List<Long> dims() {
    return List.of((long) pixels.channels(), (long) pixels.height(), (long) pixels.width());
  }

  @Override
  public boolean images() {
    return true;
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(entries.size());
  }

  @Override
  public boolean next() {
    if (at + 1 >= entries.size()) {
      return false;
    }
    at++;
    ImageDecoder.Image image = ImageDecoder.decode(entries.get(at).file(), describe(at));
    boolean turn = image.orientation() > 1 && image.orientation() <= 8;
    turned += turn ? 1 : 0;
    pixels = upright ? image.pixels().upright(image.orientation()) : image.pixels();
    return true;
  }

  @Override
  public ByteBuffer values() {
    return ByteBuffer.wrap(pixels.planes());
  }

  @Override
  public int label() {
    return entries.get(at).label();
  }

  @Override
  public String describe(long record) {
    return entries.get((int) record).file() + " (record " + record + ")";
  }

  @Override
  public List<String> notices() {
    return turned == 0 || upright
        ? List.of()
        : List.of(
            turned
                + " images are stored lying on their side or mirrored, and are fed so, as"
                + " torchvision does; --upright turns them as their EXIF orientation says");
  }

  @Override
  public void close() {
    at = entries.size();
  }
}
