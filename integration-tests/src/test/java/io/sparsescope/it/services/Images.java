package io.sparsescope.it.services;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tukaani.xz.XZInputStream;

/** Test images of CIFAR-10, normalized as the ResNet-20 of ../shared wants them. */
final class Images {
  private static final int RECORD = 1 + 3 * 32 * 32;
  private static final double[] MEAN = {.485, .456, .406};
  private static final double[] DEVIATION = {.229, .224, .225};

  private Images() {}

  /** The first {@code count} images as float32, little-endian, [count, 3, 32, 32]. */
  static byte[] normalized(Path testBatch, int count) throws IOException {
    byte[] records;
    try (InputStream in =
        new XZInputStream(new BufferedInputStream(Files.newInputStream(testBatch)))) {
      records = in.readNBytes(count * RECORD);
    }
    ByteBuffer out =
        ByteBuffer.allocate(count * (RECORD - 1) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < records.length; i++) {
      int place = i % RECORD - 1;
      if (place >= 0) {
        int channel = place / 1024;
        out.putFloat((float) (((records[i] & 0xff) / 255.0 - MEAN[channel]) / DEVIATION[channel]));
      }
    }
    return out.array();
  }
}
