package io.sparsescope.experiments.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What ImageIO does not tell of a JPEG file.
 *
 * @param components colour components: 1 grey, 3 colours, 4 CMYK or YCCK
 * @param orientation as EXIF numbers it, 1 where it says nothing
 */
record JpegHeader(int components, int orientation) {
  private static final int START = 0xffd8;
  private static final int SCAN = 0xda;
  private static final int APP1 = 0xe1;
  private static final int ORIENTATION = 0x0112;
  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};

  static boolean isJpeg(byte[] file) {
    return file.length > 3 && (ByteBuffer.wrap(file).getShort() & 0xffff) == START;
  }

  /** Reads the segments before the image itself; what is damaged there, the decoder will say. */
  static JpegHeader of(byte[] file) {
    int components = 3;
    int orientation = 1;
    int at = 2;
    while (at + 4 <= file.length && (file[at] & 0xff) == 0xff) {
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        // Filling before a marker.
        at++;
        continue;
      }
      if (marker == SCAN) {
        break;
      }
      int length = ((file[at + 2] & 0xff) << 8) + (file[at + 3] & 0xff);
      int end = Math.min(file.length, at + 2 + length);
      if (isFrame(marker) && at + 9 < end) {
        components = file[at + 9] & 0xff;
      } else if (marker == APP1) {
        orientation = orientation(file, at + 4, end, orientation);
      }
      at += 2 + length;
    }
    return new JpegHeader(components, orientation);
  }

  private static boolean isFrame(int marker) {
    boolean other = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
    return marker >= 0xc0 && marker <= 0xcf && !other;
  }

  /** EXIF is a TIFF directory: a byte order, then entries of 12 bytes. */
  private static int orientation(byte[] file, int from, int end, int before) {
    if (end - from < EXIF.length + 8
        || !java.util.Arrays.equals(file, from, from + EXIF.length, EXIF, 0, EXIF.length)) {
      return before;
    }
    ByteBuffer tiff = ByteBuffer.wrap(file, from + EXIF.length, end - from - EXIF.length).slice();
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int directory = tiff.getInt(4);
    if (directory < 8 || directory > tiff.limit() - 2) {
      return before;
    }
    int entries = tiff.getShort(directory) & 0xffff;
    for (int i = 0; i < entries && directory + 14 + 12 * i <= tiff.limit(); i++) {
      int entry = directory + 2 + 12 * i;
      if ((tiff.getShort(entry) & 0xffff) == ORIENTATION) {
        return tiff.getShort(entry + 8) & 0xffff;
      }
    }
    return before;
  }
}
