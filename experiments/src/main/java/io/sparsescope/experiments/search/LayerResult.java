package io.sparsescope.experiments.search;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What a search has found for a unit: a layer, or a block.
 *
 * @param layer the unit's name
 * @param block the block that it is or belongs to, "" if none
 * @param threshold the threshold in force; 0 for none
 * @param thresholdAlone the highest on the grid at which accuracy holds with all others dense; not
 *     below {@code threshold}, which repair may have given back
 * @param elements elements of the unit's weights; on activations those of its activation over all
 *     samples
 * @param zeros those equal to zero with all thresholds in force
 * @param denseZeros those equal to zero in the dense model
 * @param accuracyAlone accuracy with {@code thresholdAlone} in force and all others dense
 */
@JsonPropertyOrder({
  "layer",
  "block",
  "threshold",
  "thresholdAlone",
  "elements",
  "zeros",
  "sparsity",
  "denseZeros",
  "denseSparsity",
  "accuracyAlone"
})
public record LayerResult(
    String layer,
    String block,
    double threshold,
    double thresholdAlone,
    long elements,
    long zeros,
    long denseZeros,
    double accuracyAlone) {

  public LayerResult {
    layer = requireNonNullElse(layer, "");
    block = requireNonNullElse(block, "");
    if (elements < 0 || zeros < 0 || zeros > elements || denseZeros < 0 || denseZeros > elements) {
      throw new IllegalArgumentException(
          layer + ": " + zeros + " and " + denseZeros + " zeros of " + elements + " elements");
    }
  }

  /** Zeros by elements (eq. 3, of a block eq. 5); null where there are no elements. */
  @JsonProperty("sparsity")
  public Double sparsity() {
    return share(zeros, elements);
  }

  /** Zeros by elements before the search. */
  @JsonProperty("denseSparsity")
  public Double denseSparsity() {
    return share(denseZeros, elements);
  }

  static Double share(long zeros, long elements) {
    return elements == 0 ? null : (Double) ((double) zeros / elements);
  }
}
