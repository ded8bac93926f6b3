package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * What a tensor was found to hold over all sampled runs, or a weight once.
 *
 * @param node name of the node that produces it, or for a weight of the node that uses it
 * @param op that node's operator, with its domain where it is not ONNX's own
 * @param tensor the tensor's name
 * @param layer name of the layer it belongs to, "" if none
 * @param block name of the block it belongs to, "" if none
 * @param kind what it is
 * @param type its element type, for example {@code float32}
 * @param runs runs in which it was counted and had elements; 1 for a weight
 * @param elements elements in all those runs
 * @param zeros those equal to zero
 * @param nan those that are NaN
 * @param perRun the spread over runs, null where there was no run
 * @param nanRuns runs in which it held NaN and was not counted; left out of the file where 0
 */
@JsonPropertyOrder({
  "node",
  "op",
  "tensor",
  "layer",
  "block",
  "kind",
  "type",
  "runs",
  "elements",
  "zeros",
  "sparsity",
  "nan",
  "perRun",
  "nanRuns"
})
public record TapProfile(
    String node,
    String op,
    String tensor,
    String layer,
    String block,
    TapKind kind,
    String type,
    long runs,
    long elements,
    long zeros,
    long nan,
    PerRun perRun,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) long nanRuns) {

  public TapProfile {
    node = requireNonNullElse(node, "");
    op = requireNonNullElse(op, "");
    tensor = requireNonNullElse(tensor, "");
    layer = requireNonNullElse(layer, "");
    block = requireNonNullElse(block, "");
    kind = requireNonNullElse(kind, TapKind.ACTIVATION);
    type = requireNonNullElse(type, "");
    Counts counts = new Counts(elements, zeros, nan);
    if (runs < 0
        || nanRuns < 0
        || (runs == 0) != (counts.elements() == 0)
        || (runs == 0) != (perRun == null)) {
      throw new IllegalArgumentException(
          tensor + ": " + runs + " runs with " + elements + " elements and perRun " + perRun);
    }
  }

  static TapProfile of(TapInfo tap, long runs, Counts counts, PerRun perRun, long nanRuns) {
    return new TapProfile(
        tap.node(),
        tap.op(),
        tap.tensor(),
        tap.layer(),
        tap.block(),
        tap.kind(),
        tap.type(),
        runs,
        counts.elements(),
        counts.zeros(),
        counts.nan(),
        perRun,
        nanRuns);
  }

  /** Zeros by elements (eq. 3), null where there were no elements. */
  @JsonProperty("sparsity")
  public Double sparsity() {
    return elements == 0 ? null : (Double) counts().sparsity();
  }

  /** The tensor alone. */
  @JsonIgnore
  public TapInfo info() {
    return new TapInfo(node, op, tensor, layer, block, kind, type);
  }

  @JsonIgnore
  public Counts counts() {
    return new Counts(elements, zeros, nan);
  }
}
