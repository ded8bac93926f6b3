package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordChange;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Small random changes of training images, as usual for CIFAR: {@code flip} mirrors every second
 * one, {@code crop:N} moves it by up to N pixels each way and fills with zeros. Joined by a comma.
 *
 * @param flip whether to mirror
 * @param crop pixels to move by at most; 0 for none
 */
public record Augmentation(boolean flip, int crop) {
  /** No changes. */
  public static final Augmentation NONE = new Augmentation(false, 0);

  private static final int LARGEST = 1024;

  /**
   * @throws ExperimentException saying what is wrong with the text
   */
  public static Augmentation parse(String text) {
    boolean flip = false;
    int crop = 0;
    for (String part : text.split(",", -1)) {
      if (part.equals("flip")) {
        flip = true;
      } else if (part.matches("crop:[0-9]{1,4}") && pixels(part) <= LARGEST) {
        crop = pixels(part);
      } else {
        throw new ExperimentException(
            "augmentation '" + text + "': write flip, crop:4 or flip,crop:4");
      }
    }
    return new Augmentation(flip, crop);
  }

  private static int pixels(String part) {
    return Integer.parseInt(part.substring("crop:".length()));
  }

  /** What {@link #parse} makes the same of; empty for none. */
  public String text() {
    String cropping = crop > 0 ? "crop:" + crop : "";
    return flip && crop > 0 ? "flip," + cropping : flip ? "flip" : cropping;
  }

  /** Memory that images are changed in. Used by one thread. */
  final class Changer {
    private final int channels;
    private final int height;
    private final int width;
    private final byte[] from;
    private final byte[] to;

    Changer(List<Long> dims) {
      channels = dims.get(0).intValue();
      height = dims.get(1).intValue();
      width = dims.get(2).intValue();
      from = new byte[channels * height * width];
      to = new byte[from.length];
    }

    /**
     * The change of one image.
     *
     * @param key of the sequence of random numbers
     * @param place counts the images
     */
    RecordChange of(long key, long place) {
      boolean mirrored = flip && CounterRandom.below(2, key, 3 * place) == 1;
      int right = CounterRandom.below(2 * crop + 1, key, 3 * place + 1) - crop;
      int down = CounterRandom.below(2 * crop + 1, key, 3 * place + 2) - crop;
      return image -> change(image, mirrored, right, down);
    }

    private ByteBuffer change(ByteBuffer image, boolean mirrored, int right, int down) {
      image.duplicate().get(from);
      Arrays.fill(to, (byte) 0);
      for (int row = 0; row < channels * height; row++) {
        int y = row % height - down;
        if (y >= 0 && y < height) {
          int source = (row - down) * width;
          for (int x = 0; x < width; x++) {
            int at = x - right;
            if (at >= 0 && at < width) {
              to[row * width + x] = from[source + (mirrored ? width - 1 - at : at)];
            }
          }
        }
      }
      return ByteBuffer.wrap(to);
    }
  }
}
