package io.sparsescope.profile;

import java.util.List;

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

  /**
   * Compares the outputs of one run of the arm with those of the untouched model over the same
   * inputs: those of type float16, bfloat16, float32 and float64.
   *
   * <ul>
   *   <li>{@code maxAbs}: over all elements of all outputs. NaN differs from NaN and an infinity
   *       from itself by 0, NaN from anything else by infinity.
   *   <li>cosine: of all elements of all outputs as one vector, in double precision; 1 if both are
   *       zero throughout, 0 if one is. Elements that are NaN or infinite in both alike are left
   *       out; if one is so on one side only, the cosine is 0.
   *   <li>top-1: over the rows of outputs of shape [rows, classes] with at least two classes. The
   *       largest element is the first of those equally large. A row with NaN agrees only if the
   *       other has its first NaN in the same place.
   *   <li>Outputs that differ in type or shape differ by infinity, have a cosine of 0, and none of
   *       the untouched one's rows agrees.
   * </ul>
   *
   * @param untouched outputs of the untouched model
   * @param arm those of the arm in the same order
   * @return of one run, or {@link #NONE} if there is no output of these types
   * @throws IllegalArgumentException if one has more outputs than the other, or an output's bytes
   *     are not as many as its shape says
   */
  public static OutputDifference between(List<OutputValue> untouched, List<OutputValue> arm) {
    return OutputComparer.compare(untouched, arm);
  }

  /** Share of rows whose largest element is in the same place, null where there are no rows. */
  public Double top1Agreement() {
    return rows == 0 ? null : (double) agreeing / rows;
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
