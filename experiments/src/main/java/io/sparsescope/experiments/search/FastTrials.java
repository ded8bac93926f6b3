package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelEdit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Finds what the plain way finds, but sees most failures early: records that are wrong anyway and
 * those near the border are run first, and a model is given up as soon as the others cannot save
 * it. What is not given up is run in the plain way, which decides.
 */
final class FastTrials implements JointTrials {
  /** The part of the records, those of the least margin, in which nearly all failures show. */
  private static final int FIRST = 4;

  private final SearchSetup setup;
  private final JointTrials plain;
  private final Workers workers;
  private final List<int[]> batches;
  private final Optional<Rounding> rounding;

  /**
   * @param plain decides
   * @param on what the thresholds are for
   */
  FastTrials(SearchSetup setup, JointTrials plain, On on) {
    this.setup = setup;
    this.plain = plain;
    workers = new Workers(setup.threads());
    List<int[]> all = MarginOrder.batches(setup);
    batches = all.subList(0, (all.size() + FIRST - 1) / FIRST);
    List<Integer> checked = Stream.of(0, all.size() - 1).distinct().toList();
    try (BatchRuns dense = runs(new ModelEdit(setup.model()), all)) {
      rounding = RoundingCheck.of(setup, all, checked, dense, workers, on, Steps.of(setup.model()));
    } catch (RuntimeException e) {
      workers.close();
      throw e;
    }
  }

  @Override
  public OptionalDouble sumIfReached(ModelEdit edit, IntConsumer done) {
    return rounding.isPresent() && fails(edit, rounding.get(), done)
        ? OptionalDouble.empty()
        : plain.sumIfReached(edit, done);
  }

  private BatchRuns runs(ModelEdit edit, List<int[]> of) {
    return new WholeRuns(setup.model(), edit, setup.output(), setup.samples(), of, 1);
  }

  private boolean fails(ModelEdit edit, Rounding bound, IntConsumer done) {
    try (BatchRuns runs = runs(edit, batches)) {
      Race race = new Race(setup, batches, bound, 0, runs);
      workers.run(() -> step(race));
      done.accept(race.records());
      return race.failed();
    }
  }

  private static boolean step(Race race) {
    int batch;
    synchronized (race) {
      if (!race.canStart()) {
        return false;
      }
      batch = race.start();
    }
    double[] values = race.values(batch);
    synchronized (race) {
      race.add(batch, values);
    }
    return true;
  }

  @Override
  public void close() {
    workers.close();
    plain.close();
  }
}
