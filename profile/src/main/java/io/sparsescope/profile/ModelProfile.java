package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What the runs of one model have shown.
 *
 * @param name its file name, or what it was called
 * @param sha256 SHA-256 of its bytes as they were before any rewrite
 * @param graph name of its main graph
 * @param opset version of ONNX's own operator set that it imports
 * @param sessions sessions that ran it
 * @param runs runs, counted or not
 * @param sampledRuns runs that were counted
 * @param taps tensors counted, then weights
 * @param blocks blocks in the order of their table
 * @param total all weights together
 * @param thresholds thresholds that were in force; left out of the file where there are none
 * @param transforms other transforms that were in force; left out of the file where there are none
 * @param skipped tensors that could not be counted; left out of the file where there are none
 * @param arm which arm of a live experiment ran it, "" where there is none; then left out of the
 *     file
 * @param cost what counting has cost; left out of the file where nothing was measured
 * @param difference how far the arm's outputs are from the untouched model's, null where they were
 *     not compared; then left out of the file
 */
public record ModelProfile(
    String name,
    String sha256,
    String graph,
    int opset,
    long sessions,
    long runs,
    long sampledRuns,
    List<TapProfile> taps,
    List<BlockProfile> blocks,
    Total total,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<AppliedThreshold> thresholds,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<AppliedTransform> transforms,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<SkippedTap> skipped,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) String arm,
    @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = NoCost.class) RunCost cost,
    @JsonInclude(JsonInclude.Include.NON_NULL) OutputDifference difference) {

  public ModelProfile {
    name = requireNonNullElse(name, "");
    sha256 = requireNonNullElse(sha256, "");
    graph = requireNonNullElse(graph, "");
    taps = List.copyOf(requireNonNullElse(taps, List.of()));
    blocks = List.copyOf(requireNonNullElse(blocks, List.of()));
    total = total == null ? Total.of(taps) : total;
    thresholds = List.copyOf(requireNonNullElse(thresholds, List.of()));
    transforms = List.copyOf(requireNonNullElse(transforms, List.of()));
    skipped = List.copyOf(requireNonNullElse(skipped, List.of()));
    arm = requireNonNullElse(arm, "");
    cost = requireNonNullElse(cost, RunCost.NONE);
    if (sessions < 0 || sampledRuns < 0 || runs < sampledRuns) {
      throw new IllegalArgumentException(
          name + ": " + sessions + " sessions, " + runs + " runs, " + sampledRuns + " sampled");
    }
  }

  /** The model alone. */
  @JsonIgnore
  public ModelInfo info() {
    return new ModelInfo(name, sha256, graph, opset);
  }

  /** The taps of all kinds but weights, in order. */
  @JsonIgnore
  public List<TapProfile> runTaps() {
    return taps.stream().filter(tap -> tap.kind() != TapKind.WEIGHT).toList();
  }

  /** The weights, in order. */
  @JsonIgnore
  public List<TapProfile> weights() {
    return taps.stream().filter(tap -> tap.kind() == TapKind.WEIGHT).toList();
  }

  /** Equals the cost that is not written. */
  @SuppressWarnings("EqualsHashCode") // Jackson asks equals of such a filter, nothing else.
  static final class NoCost {
    @Override
    public boolean equals(Object other) {
      return other == null || RunCost.NONE.equals(other);
    }
  }
}
