package io.sparsescope.experiments.evaluate;

/** The share of records whose class is their label. */
record LabelMetric(String name, Decision decision) implements Metric {

  @Override
  public boolean needsLabels() {
    return true;
  }

  @Override
  public double best() {
    return 1;
  }

  @Override
  public Score score(Row row) {
    return decision.judge(row.output(), row.label());
  }

  @Override
  public boolean countsHits() {
    return true;
  }
}
