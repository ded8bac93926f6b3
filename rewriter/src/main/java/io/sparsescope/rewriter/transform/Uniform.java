package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Random numbers for stochastic rounding as a function, not a stream: from a seed, the tensor's
 * name, an element's place in its record and a checksum of the whole record. So equal inputs give
 * equal results, in any session, on any number of threads and wherever in a batch the record
 * stands; and a record that differs anywhere is rounded by other numbers everywhere.
 *
 * <p>The place goes through five rounds of adding a key and cubing modulo the prime P, the largest
 * below 2^30 for which cubing is one to one (the construction of the cipher MiMC: Albrecht et al.,
 * 2016). All products fit into int64. The result is uniform in the multiples of 1/P.
 */
final class Uniform {
  private static final long P = 1_073_741_789;
  private static final double SCALE = 0x1p30;
  private static final int ROUNDS = 5;

  private final long[] keys = new long[ROUNDS];

  Uniform(long seed, String tensor) {
    CRC32 crc = new CRC32();
    crc.update(tensor.getBytes(StandardCharsets.UTF_8));
    // SplitMix64 (Steele, Lea, Flood: 2014).
    long state = seed ^ crc.getValue() << 32;
    for (int i = 0; i < ROUNDS; i++) {
      state += 0x9e3779b97f4a7c15L;
      long z = (state ^ state >>> 30) * 0xbf58476d1ce4e5b9L;
      z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
      keys[i] = Long.remainderUnsigned(z ^ z >>> 31, P);
    }
  }

  /**
   * True with the probability that an element says: a random number from 0 to 1 is below it.
   *
   * @param distances from 0 to 1; NaN gives false
   */
  String isBelow(NodeMaker n, String distances) {
    String rows = n.records(distances);
    String finite = n.select(n.op("Less", rows, n.scalar(1)), rows, n.scalar(0));
    String digits = n.cast(n.op("Mul", finite, n.scalar(SCALE)), ElementType.INT64);
    String checksum = mod(n, n.rowSums(digits));
    String length = n.op("Gather", n.op("Shape", rows), n.int64(1));
    String place = n.op("Range", n.int64(0), length, n.int64(1));
    String h = place;
    for (int i = 0; i < ROUNDS; i++) {
      String key = n.int64(keys[i]);
      h = n.op("Add", h, i == 1 ? n.op("Add", checksum, key) : key);
      h = mod(n, h);
      h = mod(n, n.op("Mul", mod(n, n.op("Mul", h, h)), h));
    }
    String uniform = n.op("Div", n.cast(h, ElementType.DOUBLE), n.float64(P));
    String below = n.op("Less", uniform, n.cast(rows, ElementType.DOUBLE));
    return n.reshapedLike(below, distances);
  }

  private static String mod(NodeMaker n, String x) {
    return n.op("Mod", x, n.int64(P));
  }

  /** The same of one record on the JVM. */
  boolean[] areBelow(double[] distances) {
    long checksum = 0;
    for (double d : distances) {
      checksum += (long) ((d < 1 ? d : 0) * SCALE);
    }
    checksum %= P;
    boolean[] below = new boolean[distances.length];
    for (int place = 0; place < distances.length; place++) {
      long h = place;
      for (int i = 0; i < ROUNDS; i++) {
        h = (h + keys[i] + (i == 1 ? checksum : 0)) % P;
        h = h * h % P * h % P;
      }
      below[place] = (double) h / P < distances[place];
    }
    return below;
  }
}
