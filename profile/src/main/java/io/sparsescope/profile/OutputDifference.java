package io.sparsescope.profile;

/**
 * How far the outputs of one arm of a live experiment are from those of the untouched model, over
 * all runs that were compared.
 *
 * @param runs runs compared
 * @param maxAbs largest absolute difference of two elements
 * @param minCosine smallest cosine similarity of two outputs; 1 where nothing was compared
 * @param meanCosine mean of the cosine similarities of the runs; 1 where nothing was compared
 * @param rows rows (of outputs [rows, classes]) whose largest elements were compared
 * @param agreeing those whose largest element is in the same place: top-1 agreement is {@code
 *     agreeing / rows}
 */
public record OutputDifference(
    long runs, double maxAbs, double minCosine, double meanCosine, long rows, long agreeing) {
  public static final OutputDifference NONE = new OutputDifference(0, 0, 1, 1, 0, 0);

  public OutputDifference {
    if (runs < 0 || rows < 0 || agreeing < 0 || agreeing > rows) {
      throw new IllegalArgumentException(
          runs + " runs, " + agreeing + " of " + rows + " rows agree");
    }
  }

  /** Both together. */
  public OutputDifference plus(OutputDifference other) {
    long all = Math.addExact(runs, other.runs);
    if (runs == 0 || other.runs == 0) {
      return runs == 0 ? other : this;
    }
    double share = (double) other.runs / all;
    return new OutputDifference(
        all,
        Math.max(maxAbs, other.maxAbs),
        Math.min(minCosine, other.minCosine),
        meanCosine + (other.meanCosine - meanCosine) * share,
        Math.addExact(rows, other.rows),
        Math.addExact(agreeing, other.agreeing));
  }
}
