package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.rewriter.Rewriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Candidates run like {@link ExhaustiveSearch} runs them: the whole model, on the same batches. */
final class WholeModel implements AutoCloseable {
  private final SearchSetup setup;
  private final SampleSet samples;
  private final Evaluation evaluation;
  private final int size;
  private final int batches;

  WholeModel(SearchSetup setup) {
    this.setup = setup;
    samples = setup.samples();
    evaluation =
        new Evaluation(
            setup.model(), setup.metric(), setup.output(), setup.batch(), setup.threads());
    size = samples.batchSize(setup.batch());
    batches = (samples.size() + size - 1) / size;
  }

  private ModelEdit edit(SearchUnit unit, double threshold) {
    return new Rewriter(unit.rules(threshold, setup.orEqual()), false, false)
        .plan(setup.model())
        .edit();
  }

  /** A candidate's sum over all records. */
  double sum(SearchUnit unit, double threshold, Count count) {
    return Target.sum(evaluation.values(edit(unit, threshold), samples, count::add));
  }

  /**
   * A candidate's sum, of which most values are settled: runs the batches that hold the others,
   * until all are settled or it fails.
   *
   * @return the sum; if the candidate fails, maybe another one that does not pass
   */
  double settle(SearchUnit unit, double threshold, Tally tally, Count count) {
    List<Integer> open = openBatches(tally);
    // As many side by side as in a run over all of them: each then has as many threads.
    int chunk = Math.min(setup.threads(), batches);
    while (!open.isEmpty() && !tally.fails()) {
      List<Integer> next = new ArrayList<>(open.subList(0, Math.min(chunk, open.size())));
      for (int b = 0; next.size() < Math.min(setup.threads(), batches); b++) {
        if (!next.contains(b)) {
          next.add(b);
        }
      }
      if (!settle(unit, threshold, next.stream().sorted().toList(), tally, count)) {
        return sum(unit, threshold, count);
      }
      open = openBatches(tally);
      chunk *= 2;
    }
    double sum = 0;
    for (int record = 0; record < samples.size(); record++) {
      sum += tally.isSettled(record) ? tally.value(record) : 0;
    }
    return sum;
  }

  /** Batches that are not settled, those with the most such records first. */
  private List<Integer> openBatches(Tally tally) {
    int[] open = new int[batches];
    for (int record = 0; record < samples.size(); record++) {
      open[record / size] += tally.isSettled(record) ? 0 : 1;
    }
    List<Integer> numbers = new ArrayList<>();
    for (int batch = 0; batch < batches; batch++) {
      if (open[batch] > 0) {
        numbers.add(batch);
      }
    }
    numbers.sort(Comparator.comparing(batch -> -open[batch]));
    return numbers;
  }

  /**
   * Runs batches; false if they contradict what is settled, so that nothing of it can be trusted.
   */
  private boolean settle(
      SearchUnit unit, double threshold, List<Integer> numbers, Tally tally, Count count) {
    int[] records =
        numbers.stream()
            .flatMapToInt(
                batch ->
                    IntStream.range(batch * size, Math.min(samples.size(), (batch + 1) * size)))
            .toArray();
    double[] values = evaluation.values(edit(unit, threshold), samples.part(records), count::add);
    for (int i = 0; i < records.length; i++) {
      if (!tally.isSettled(records[i]) && !Double.isNaN(values[i])) {
        tally.settle(records[i], values[i]);
      } else if (tally.value(records[i]) != values[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    evaluation.close();
  }
}
