package io.sparsescope.experiments.evaluate;

import java.util.function.ToDoubleFunction;

/** The mean of a likeness between a record's values and the dense model's. */
record DistanceMetric(String name, double best, ToDoubleFunction<Row> likeness) implements Metric {

  @Override
  public boolean needsLabels() {
    return false;
  }

  @Override
  public Score score(Row row) {
    double value = likeness.applyAsDouble(row);
    return new Score(value, value);
  }
}
