package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.evaluate.Metric;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How to search.
 *
 * @param on what thresholds are for
 * @param by what has one
 * @param orEqual whether elements equal to a threshold become zero, too
 * @param grid the thresholds that are tried
 * @param output the output that is judged; empty for the only one of floating-point numbers
 * @param metric judges it; empty for top-1 where the records have labels, else agreement with the
 *     dense model's class
 * @param tolerance see {@link Target}
 * @param choice the records
 * @param validate the part of the records that thresholds are not chosen by, but judged by in the
 *     end; 0 for none, below 1
 * @param joint what is done where all thresholds at once lose too much
 * @param blocks patterns by block name; empty for the blocks of the node names' scopes
 * @param filter a pattern; other layers stay dense
 * @param batch records in a run, where the model leaves that open
 * @param seed of what is random: the split for validation
 * @param threads threads to be busy
 * @param memory bytes for records and what is kept between runs; half for each
 * @param exhaustive search in the plain way
 */
public record SearchOptions(
    On on,
    By by,
    boolean orEqual,
    Grid grid,
    Optional<String> output,
    Optional<Metric> metric,
    double tolerance,
    Choice choice,
    double validate,
    JointMode joint,
    Map<String, String> blocks,
    Optional<String> filter,
    int batch,
    long seed,
    int threads,
    long memory,
    boolean exhaustive) {

  /** Records in a run, where nothing else is said. */
  public static final int DEFAULT_BATCH = 50;

  /** The authors' search, over all records. */
  public static final SearchOptions DEFAULT =
      new SearchOptions(
          On.WEIGHTS,
          By.LAYER,
          false,
          Grid.DEFAULT,
          Optional.empty(),
          Optional.empty(),
          0,
          Choice.ALL,
          0,
          JointMode.REPORT,
          Map.of(),
          Optional.empty(),
          DEFAULT_BATCH,
          0,
          Runtime.getRuntime().availableProcessors(),
          Runtime.getRuntime().maxMemory() / 2,
          false);

  public SearchOptions {
    blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
    if (!(validate >= 0 && validate < 1)) {
      throw new ExperimentException(
          "--validate " + validate + ": give the part of the records to keep, for example 0.5");
    }
    if (batch < 1) {
      throw new ExperimentException("--batch " + batch + ": give a number of at least 1");
    }
    if (threads < 1) {
      throw new ExperimentException("--threads " + threads + ": give a number of at least 1");
    }
    if (memory < 1) {
      throw new ExperimentException("--memory " + memory + ": give a size such as 512m or 2g");
    }
  }

  /** What the answer depends on, as text. */
  String key() {
    return String.join(
        "|",
        on.label(),
        by.label(),
        Boolean.toString(orEqual),
        grid.text(),
        output.orElse(""),
        metric.map(Metric::name).orElse(""),
        Double.toString(tolerance),
        choice.toString(),
        Double.toString(validate),
        joint.label(),
        blocks.toString(),
        filter.orElse(""),
        Integer.toString(batch),
        Long.toString(seed),
        Boolean.toString(exhaustive));
  }
}
