package io.sparsescope.experiments.data;

/**
 * An image of unsigned bytes, in planes.
 *
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param planes channels times height times width values; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Images are passed on, not compared or kept.
record Pixels(int channels, int height, int width, byte[] planes) {

  int at(int channel, int y, int x) {
    return planes[(channel * height + y) * width + x] & 0xff;
  }

  /**
   * The same image with another number of channels: grey becomes three equal planes; colours become
   * grey by the weights of ITU-R 601, 0.299, 0.587 and 0.114, in the 16-bit arithmetic of PIL.
   */
  Pixels withChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    int area = height * width;
    byte[] to = new byte[wanted * area];
    if (wanted == 3) {
      for (int c = 0; c < 3; c++) {
        System.arraycopy(planes, 0, to, c * area, area);
      }
    } else {
      for (int i = 0; i < area; i++) {
        int red = planes[i] & 0xff;
        int green = planes[area + i] & 0xff;
        int blue = planes[2 * area + i] & 0xff;
        to[i] = (byte) ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
      }
    }
    return new Pixels(wanted, height, width, to);
  }

  /** The part of the image in its middle; where that is between two pixels, as Python rounds. */
  Pixels center(int toWidth, int toHeight) {
    int left = (int) Math.rint((width - toWidth) / 2.0);
    int top = (int) Math.rint((height - toHeight) / 2.0);
    byte[] to = new byte[channels * toHeight * toWidth];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < toHeight; y++) {
        int from = (c * height + top + y) * width + left;
        System.arraycopy(planes, from, to, (c * toHeight + y) * toWidth, toWidth);
      }
    }
    return new Pixels(channels, toHeight, toWidth, to);
  }

  /**
   * The image turned upright.
   *
   * @param orientation as EXIF numbers it, 1 to 8: where the stored first row and column belong
   */
  Pixels upright(int orientation) {
    if (orientation < 2 || orientation > 8) {
      return this;
    }
    boolean swapped = orientation > 4;
    int h = swapped ? width : height;
    int w = swapped ? height : width;
    byte[] to = new byte[planes.length];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
          to[(c * h + y) * w + x] =
              (byte)
                  switch (orientation) {
                    case 2 -> at(c, y, w - 1 - x);
                    case 3 -> at(c, h - 1 - y, w - 1 - x);
                    case 4 -> at(c, h - 1 - y, x);
                    case 5 -> at(c, x, y);
                    case 6 -> at(c, w - 1 - x, y);
                    case 7 -> at(c, w - 1 - x, h - 1 - y);
                    default -> at(c, x, h - 1 - y);
                  };
        }
      }
    }
    return new Pixels(channels, h, w, to);
  }
}
