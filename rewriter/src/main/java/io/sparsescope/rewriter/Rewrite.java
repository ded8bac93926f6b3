package io.sparsescope.rewriter;

import io.sparsescope.onnx.ModelEdit;
import java.util.List;
import java.util.Map;

/**
 * A planned rewrite: the edit, and what it will do.
 *
 * @param edit the changes, ready to be checked and written
 * @param taps taps in the order of their rows, those counted by the reader last
 * @param thresholds thresholds placed
 * @param transformations other transforms placed
 * @param dense by activation or gradient that inserted nodes produce now, the name of the tensor
 *     that they make it of: what it was before
 * @param skipped what was selected but could not be done, and why
 * @param blocks blocks by name, each with the names of its layers in graph order
 * @param blockedLayout of a plan in {@link io.sparsescope.rewriter.transform.CountMode#NATIVE} the
 *     number of counters that ONNX Runtime must make for its blocked layout; a session with fewer
 *     does not count
 */
public record Rewrite(
    ModelEdit edit,
    List<Tap> taps,
    List<Threshold> thresholds,
    List<Transformation> transformations,
    Map<String, String> dense,
    List<Skip> skipped,
    Map<String, List<String>> blocks,
    int blockedLayout) {

  /**
   * Name of the output that holds the counts: int64 [taps, 3], a row a tap: elements, zeros, NaNs.
   * Planned in {@link io.sparsescope.rewriter.transform.CountMode#FAST}, -1 zeros mean that the
   * tensor held NaN or positive elements below 2^-128 (or has more than 2^22 pixels an image) and
   * was not counted in this run.
   */
  public static final String COUNTS = "sparsescope/counts";

  /**
   * Name of the output that holds counts of channels, where they were asked for: int64 [channels of
   * all taps], the elements that are not zero in each channel; a tap's are at {@link
   * Tap#channelsAt()}. Those of a tap that was not counted in a run mean nothing. Numbers are exact
   * below 2^24 elements of a channel in a record, and in any case 0 only if all elements are.
   */
  public static final String CHANNELS = "sparsescope/channels";

  /** Prefix of the name of every node and tensor that a rewrite adds. */
  public static final String PREFIX = "sparsescope/";
}
