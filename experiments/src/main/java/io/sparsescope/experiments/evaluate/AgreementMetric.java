package io.sparsescope.experiments.evaluate;

/**
 * The share of records whose class is the dense model's. Where the dense model has none (all of its
 * values are NaN), nothing agrees.
 */
record AgreementMetric(String name, Decision decision) implements Metric {

  @Override
  public boolean needsLabels() {
    return false;
  }

  @Override
  public double best() {
    return 1;
  }

  @Override
  public Score score(Row row) {
    Distances.requireSameSize(row);
    int right = decision.decide(row.dense());
    return right == Decision.NONE
        ? new Score(0, Double.NEGATIVE_INFINITY)
        : decision.judge(row.output(), right);
  }

  @Override
  public boolean countsHits() {
    return true;
  }
}
