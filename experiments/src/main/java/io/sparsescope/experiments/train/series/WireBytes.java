package io.sparsescope.experiments.train.series;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * Bytes that the gradients of a step take on the wire between workers, by three codings; headers
 * apart.
 *
 * @param dense every element
 * @param index of each element that is not zero, its index in 4 bytes and its value
 * @param bitmap of each gradient, a bit an element that tells whether it is zero, filled up to
 *     whole bytes, and the values of those that are not
 */
@JsonPropertyOrder({"dense", "index", "bitmap"})
public record WireBytes(long dense, LongSeries index, LongSeries bitmap) {
  private static final int INDEX_BYTES = 4;

  static WireBytes of(List<GradientSeries> gradients, int steps) {
    long dense = 0;
    long[] index = new long[steps];
    long[] bitmap = new long[steps];
    for (GradientSeries g : gradients) {
      dense += g.elements() * g.elementBytes();
      long bits = (g.elements() + 7) / 8;
      for (int i = 0; i < steps; i++) {
        long others = g.elements() - g.zeros().get(i);
        index[i] += others * (INDEX_BYTES + g.elementBytes());
        bitmap[i] += bits + others * g.elementBytes();
      }
    }
    return new WireBytes(dense, LongSeries.of(index), LongSeries.of(bitmap));
  }
}
