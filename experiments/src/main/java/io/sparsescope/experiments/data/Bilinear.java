package io.sparsescope.experiments.data;

/**
 * Resizes with a triangle filter that widens where an image becomes smaller, so that every pixel
 * counts: what PIL's {@code resize} with BILINEAR does, and with it torchvision's {@code Resize} on
 * images. The same to the byte: weights are rounded to 22 bits, and rows are done before columns,
 * with bytes between.
 */
final class Bilinear {
  private static final int BITS = 22;

  private Bilinear() {}

  static Pixels resize(Pixels image, int width, int height) {
    int c = image.channels();
    byte[] planes = image.planes();
    if (width != image.width()) {
      Weights weights = Weights.of(image.width(), width);
      planes = along(planes, c * image.height(), image.width(), 1, weights);
    }
    if (height != image.height()) {
      Weights weights = Weights.of(image.height(), height);
      planes = along(planes, c, image.height(), width, weights);
    }
    return new Pixels(c, height, width, planes);
  }

  /**
   * Filters along the middle of three dimensions.
   *
   * @param outer size of the dimension before it
   * @param length its own
   * @param inner size of the dimension behind it
   */
  private static byte[] along(byte[] from, int outer, int length, int inner, Weights weights) {
    int to = weights.first().length;
    byte[] result = new byte[outer * to * inner];
    for (int o = 0; o < outer; o++) {
      for (int t = 0; t < to; t++) {
        int[] factors = weights.factors()[t];
        int base = (o * length + weights.first()[t]) * inner;
        for (int i = 0; i < inner; i++) {
          int sum = 1 << (BITS - 1);
          for (int k = 0; k < factors.length; k++) {
            sum += factors[k] * (from[base + k * inner + i] & 0xff);
          }
          result[(o * to + t) * inner + i] = (byte) Math.max(0, Math.min(255, sum >> BITS));
        }
      }
    }
    return result;
  }

  /**
   * Which places each new place is mixed of.
   *
   * @param first the first of them, for each new place
   * @param factors their weights, which add up to 2^22
   */
  @SuppressWarnings("ArrayRecordComponent") // Made and used in this class.
  private record Weights(int[] first, int[][] factors) {

    static Weights of(int from, int to) {
      double scale = (double) from / to;
      double reach = Math.max(scale, 1);
      int[] first = new int[to];
      int[][] factors = new int[to][];
      for (int t = 0; t < to; t++) {
        double center = (t + 0.5) * scale;
        int begin = Math.max(0, (int) (center - reach + 0.5));
        int end = Math.min(from, (int) (center + reach + 0.5));
        double[] exact = new double[end - begin];
        double sum = 0;
        for (int k = 0; k < exact.length; k++) {
          double distance = Math.abs((k + begin - center + 0.5) * (1 / reach));
          exact[k] = distance < 1 ? 1 - distance : 0;
          sum += exact[k];
        }
        first[t] = begin;
        factors[t] = new int[exact.length];
        for (int k = 0; k < exact.length; k++) {
          factors[t][k] = (int) (0.5 + exact[k] * (1 / sum) * (1 << BITS));
        }
      }
      return new Weights(first, factors);
    }
  }
}
