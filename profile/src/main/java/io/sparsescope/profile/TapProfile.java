package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

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
 * @param channels how many channels (axis 1) it has; null where they were not counted in every run,
 *     then left out of the file
 * @param deadChannels those of them, from 0 on and sorted, whose elements were zero in all runs;
 *     null with {@code channels}
 * @param histogram magnitudes of its elements; null where they were not counted in every run, then
 *     left out of the file
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
  "nanRuns",
  "channels",
  "deadChannels",
  "histogram"
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
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) long nanRuns,
    @JsonInclude(JsonInclude.Include.NON_NULL) Integer channels,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> deadChannels,
    @JsonInclude(JsonInclude.Include.NON_NULL) Histogram histogram) {

  /** No tensor that is counted by channel has more; what a damaged file tells may. */
  private static final int MAX_CHANNELS = 1 << 24;

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
    deadChannels = deadChannels == null ? null : List.copyOf(deadChannels);
    requireChannels(tensor, runs, channels, deadChannels);
    if (histogram != null && histogram.elements() != elements - zeros - nan) {
      throw new IllegalArgumentException(
          tensor + ": a histogram of " + histogram.elements() + " elements for " + counts);
    }
  }

  /** Without counts of channels and magnitudes. */
  public TapProfile(
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
      long nanRuns) {
    this(
        node, op, tensor, layer, block, kind, type, runs, elements, zeros, nan, perRun, nanRuns,
        null, null, null);
  }

  private static void requireChannels(
      String tensor, long runs, Integer channels, List<Integer> dead) {
    boolean sound = (channels == null) == (dead == null);
    if (sound && channels != null) {
      sound = runs > 0 && channels > 0 && channels <= MAX_CHANNELS;
      int last = -1;
      for (int channel : dead) {
        sound &= channel > last && channel < channels;
        last = channel;
      }
    }
    if (!sound) {
      throw new IllegalArgumentException(
          tensor + ": " + runs + " runs, " + channels + " channels, of which dead " + dead);
    }
  }

  static TapProfile of(
      TapInfo tap,
      long runs,
      Counts counts,
      PerRun perRun,
      long nanRuns,
      ChannelSet channels,
      Histogram histogram) {
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
        nanRuns,
        channels == null ? null : (Integer) channels.channels(),
        channels == null ? null : channels.dead(),
        histogram);
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
