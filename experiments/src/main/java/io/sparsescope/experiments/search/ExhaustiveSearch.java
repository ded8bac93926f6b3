package io.sparsescope.experiments.search;

import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import java.util.List;

/**
 * The plain way: for every threshold of the grid the whole model is rewritten, loaded with ONNX
 * Runtime's defaults and run over all samples. What is in force is what a rule file with these
 * thresholds puts in force. Stops nothing early and keeps nothing, so that others can be held
 * against it.
 */
public final class ExhaustiveSearch implements UnitSearch {
  private final SearchSetup setup;
  private final Evaluation evaluation;

  /** Prepares a search; nothing is loaded yet. */
  public ExhaustiveSearch(SearchSetup setup) {
    this.setup = setup;
    evaluation =
        new Evaluation(
            setup.model(), setup.metric(), setup.output(), setup.batch(), setup.threads());
  }

  @Override
  public UnitResult search(SearchUnit unit, List<Double> thresholds, UnitProgress progress) {
    long total = (long) setup.samples().size() * thresholds.size();
    long[] run = {0};
    double found = 0;
    double sum = setup.target().baseline();
    for (double threshold : thresholds) {
      double candidate = evaluate(unit, threshold, progress, run, total);
      if (found == 0 && setup.target().passes(candidate)) {
        found = threshold;
        sum = candidate;
      }
    }
    return new UnitResult(unit.name(), found, sum, run[0]);
  }

  private double evaluate(
      SearchUnit unit, double threshold, UnitProgress progress, long[] run, long total) {
    Rules rules = unit.rules(threshold, setup.orEqual());
    double[] values =
        evaluation.values(
            new Rewriter(rules, false, false).plan(setup.model()).edit(),
            setup.samples(),
            records -> {
              run[0] += records;
              progress.report((int) ((total - run[0]) / setup.samples().size()) + 1, run[0], total);
            });
    return Target.sum(values);
  }

  @Override
  public void close() {
    evaluation.close();
  }
}
