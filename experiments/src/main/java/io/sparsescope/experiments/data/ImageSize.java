package io.sparsescope.experiments.data;

import java.util.Optional;

/**
 * How images get the size that a model takes: resized first, then cropped. Resizing is bilinear
 * with antialiasing, to the byte as PIL and torchvision do it.
 *
 * @param resize the size that images are resized to, if they are
 * @param crop the size of the middle that is cut out, if it is
 * @param upright whether images are turned as their EXIF orientation says first
 */
public record ImageSize(Optional<Resize> resize, Optional<Size> crop, boolean upright) {

  /** Images as they are stored. */
  public static final ImageSize STORED = new ImageSize(Optional.empty(), Optional.empty(), false);

  private static final int LARGEST = 1 << 15;

  /**
   * Width and height in pixels.
   *
   * @param width at least 1
   * @param height at least 1
   */
  public record Size(int width, int height) {
    @Override
    public String toString() {
      return width + "x" + height;
    }
  }

  /**
   * What images are resized to.
   *
   * @param width in pixels; where {@code shorter}, that of the shorter side
   * @param height in pixels, the same as the width where {@code shorter}
   * @param shorter whether the longer side follows from the image's own shape, rounded down
   */
  public record Resize(int width, int height, boolean shorter) {}

  /**
   * Reads the values of {@code --resize} ({@code 256} for the shorter side, {@code 224x224} for
   * both) and {@code --crop} ({@code 224} or {@code 224x224}); null for one that was not given.
   *
   * @throws DataException naming the option that makes no sense
   */
  public static ImageSize parse(String resize, String crop, boolean upright) {
    return new ImageSize(
        Optional.ofNullable(resize)
            .map(text -> size("resize", text))
            .map(s -> new Resize(s.width(), s.height(), !resize.contains("x"))),
        Optional.ofNullable(crop).map(text -> size("crop", text)),
        upright);
  }

  private static Size size(String option, String text) {
    if (!text.matches("[0-9]{1,5}(x[0-9]{1,5})?")) {
      throw wrong(option, text);
    }
    int x = text.indexOf('x');
    int width = Integer.parseInt(x < 0 ? text : text.substring(0, x));
    int height = Integer.parseInt(text.substring(x + 1));
    if (width < 1 || height < 1 || width > LARGEST || height > LARGEST) {
      throw wrong(option, text);
    }
    return new Size(width, height);
  }

  private static DataException wrong(String option, String text) {
    return new DataException(
        "--"
            + option
            + " "
            + text
            + " is no size; write "
            + (option.equals("resize") ? "256 (the shorter side) or 224x224" : "224 or 224x224"));
  }

  /**
   * The image in its new size.
   *
   * @param what what messages call it
   */
  Pixels apply(Pixels image, String what) {
    Pixels sized = resize.map(to -> resized(image, to)).orElse(image);
    if (crop.isEmpty()) {
      return sized;
    }
    Size to = crop.get();
    if (sized.width() < to.width() || sized.height() < to.height()) {
      throw new DataException(
          what
              + ": "
              + sized.width()
              + "x"
              + sized.height()
              + " pixels, less than --crop "
              + to
              + "; resize it with --resize "
              + Math.max(to.width(), to.height()));
    }
    return sized.center(to.width(), to.height());
  }

  private static Pixels resized(Pixels image, Resize to) {
    if (!to.shorter()) {
      return Bilinear.resize(image, to.width(), to.height());
    }
    boolean upended = image.width() <= image.height();
    int shorter = Math.min(image.width(), image.height());
    int longer = Math.max(image.width(), image.height());
    int length = Math.max(1, (int) ((long) to.width() * longer / shorter));
    return upended
        ? Bilinear.resize(image, to.width(), length)
        : Bilinear.resize(image, length, to.width());
  }
}
