package io.sparsescope.experiments.evaluate;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How a model did on a data set.
 *
 * @param model the model's name
 * @param output the output that was judged
 * @param records number of records
 * @param results a result a metric, in the order they were asked for
 * @param notices what a user should know about how the data was fed, a line each
 */
public record Evaluation(
    String model, String output, long records, List<Result> results, List<String> notices) {

  public Evaluation {
    results = List.copyOf(results);
    notices = List.copyOf(notices);
  }

  /**
   * What one metric says.
   *
   * @param metric its name
   * @param sum of all records' scores
   * @param mean the sum by the number of records
   * @param interval 95 % interval of the mean, for metrics that count hits
   * @param dense the dense model's mean on the same records, where one was run and the metric
   *     judges by labels
   */
  public record Result(
      String metric, double sum, double mean, Optional<Interval> interval, OptionalDouble dense) {

    /** The mean by the dense model's: the paper's relative accuracy. */
    public OptionalDouble relative() {
      return dense.isPresent() && dense.getAsDouble() != 0
          ? OptionalDouble.of(mean / dense.getAsDouble())
          : OptionalDouble.empty();
    }
  }
}
