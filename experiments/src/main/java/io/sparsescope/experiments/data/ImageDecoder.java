package io.sparsescope.experiments.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes an image file by ImageIO: JPEG, PNG, GIF (its first picture), BMP, TIFF. Stored values
 * are taken as they are: colour profiles are not applied and transparency is dropped, as PIL's
 * {@code convert("RGB")} does.
 */
final class ImageDecoder {
  private static final long MOST_PIXELS = 1L << 28;

  private ImageDecoder() {}

  /**
   * A decoded file.
   *
   * @param pixels the image, grey or in colours
   * @param orientation its EXIF orientation, 1 where it is stored upright
   */
  record Image(Pixels pixels, int orientation) {}

  /**
   * Decodes a file.
   *
   * @param what what messages call it
   * @throws DataException if it is none that can be read
   */
  static Image decode(Path file, String what) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      boolean jpeg = JpegHeader.isJpeg(bytes);
      JpegHeader header = jpeg ? JpegHeader.of(bytes) : new JpegHeader(3, 1);
      if (header.components() > 3) {
        throw new DataException(
            what + ": a JPEG file in print colours (CMYK); convert it to RGB, or take it out");
      }
      return new Image(decode(bytes, what), header.orientation());
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // Damaged files make ImageIO's readers throw all of these.
      throw new DataException(
          what + ": cannot be decoded (" + oneLine(e) + "); get the file again, or take it out", e);
    }
  }

  private static String oneLine(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.replaceAll("\\s+", " ").strip();
  }

  private static Pixels decode(byte[] bytes, String what) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataException(
            what + ": no JPEG, PNG, GIF, BMP or TIFF image; convert it, or take it out");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        // A JPEG file that is cut off is a mere warning there, and grey from there on.
        reader.addIIOReadWarningListener((source, warning) -> refuse(warning, what));
        long size = (long) reader.getWidth(0) * reader.getHeight(0);
        if (size > MOST_PIXELS) {
          throw new DataException(what + ": " + size + " pixels; make it smaller");
        }
        return pixels(reader.read(0));
      } finally {
        reader.dispose();
      }
    }
  }

  private static void refuse(String warning, String what) {
    if (warning.contains("Premature end")) {
      throw new DataException(what + ": is cut off; get the file again, or take it out");
    }
  }

  private static Pixels pixels(BufferedImage image) {
    int height = image.getHeight();
    int width = image.getWidth();
    if (image.getColorModel() instanceof IndexColorModel palette) {
      return ofPalette(image.getRaster(), palette);
    }
    Raster raster = image.getRaster();
    // One band is grey, a second or fourth one transparency. Not by getRGB, which turns grey into
    // other grey, and colours into those of another profile.
    int channels = raster.getNumBands() < 3 ? 1 : 3;
    byte[] planes = new byte[channels * height * width];
    int[] row = new int[width];
    for (int c = 0; c < channels; c++) {
      int bits = raster.getSampleModel().getSampleSize(c);
      for (int y = 0; y < height; y++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, c, row);
        for (int x = 0; x < width; x++) {
          planes[(c * height + y) * width + x] = (byte) eightBits(row[x], bits);
        }
      }
    }
    return new Pixels(channels, height, width, planes);
  }

  private static int eightBits(int sample, int bits) {
    if (bits >= 8) {
      return sample >> (bits - 8);
    }
    return sample * 255 / ((1 << bits) - 1);
  }

  private static Pixels ofPalette(Raster raster, IndexColorModel palette) {
    int area = raster.getHeight() * raster.getWidth();
    byte[] planes = new byte[3 * area];
    int[] row = new int[raster.getWidth()];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, 0, row);
      for (int index : row) {
        planes[at] = (byte) palette.getRed(index);
        planes[area + at] = (byte) palette.getGreen(index);
        planes[2 * area + at] = (byte) palette.getBlue(index);
        at++;
      }
    }
    return new Pixels(3, raster.getHeight(), raster.getWidth(), planes);
  }
}
