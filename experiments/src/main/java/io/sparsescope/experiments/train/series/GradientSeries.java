package io.sparsescope.experiments.train.series;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * The zeros of one gradient over the counted steps.
 *
 * @param parameter the parameter that it is the gradient of
 * @param layer the layer that the parameter belongs to
 * @param block that layer's block, "" if none
 * @param elements number of its elements
 * @param elementBytes bytes that one takes
 * @param zeros elements equal to zero, as the update read them
 * @param zerosBefore those before a threshold or another transform made more of them
 */
@JsonPropertyOrder({
  "parameter",
  "layer",
  "block",
  "elements",
  "elementBytes",
  "zeros",
  "zerosBefore"
})
public record GradientSeries(
    String parameter,
    String layer,
    String block,
    long elements,
    int elementBytes,
    LongSeries zeros,
    LongSeries zerosBefore) {

  /**
   * @throws IllegalArgumentException if the numbers do not go together
   */
  public GradientSeries {
    parameter = requireNonNullElse(parameter, "");
    layer = requireNonNullElse(layer, "");
    block = requireNonNullElse(block, "");
    zeros = requireNonNullElse(zeros, LongSeries.EMPTY);
    zerosBefore = requireNonNullElse(zerosBefore, zeros);
    if (elements < 0 || elementBytes < 1) {
      throw new IllegalArgumentException(
          parameter + " has " + elements + " elements of " + elementBytes + " bytes");
    }
    if (zerosBefore.size() != zeros.size()) {
      throw new IllegalArgumentException(
          parameter + " has " + zeros.size() + " zeros but " + zerosBefore.size() + " zerosBefore");
    }
    requireWithin(parameter, zeros, elements);
    requireWithin(parameter, zerosBefore, elements);
  }

  private static void requireWithin(String parameter, LongSeries zeros, long elements) {
    for (int i = 0; i < zeros.size(); i++) {
      if (zeros.get(i) < 0 || zeros.get(i) > elements) {
        throw new IllegalArgumentException(
            parameter + " has " + zeros.get(i) + " zeros among " + elements + " elements");
      }
    }
  }
}
