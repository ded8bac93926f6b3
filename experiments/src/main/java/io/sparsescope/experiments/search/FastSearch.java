package io.sparsescope.experiments.search;

import io.sparsescope.onnx.Node;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.split.GraphCuts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds what {@link ExhaustiveSearch} finds, for a fraction of the work:
 *
 * <ul>
 *   <li>candidates come from the highest threshold down, and the first that passes is the answer;
 *       one is given up as soon as the records to come cannot save it, and those that zero the same
 *       weights are one
 *   <li>records come in the order of the dense model's margin ({@link MarginOrder})
 *   <li>the dense model is run once up to each unit; a candidate is run from there on, in a session
 *       that all candidates of the unit share
 *   <li>batches are run side by side, one a thread; while a candidate is about to fail, the next
 *       ones are begun
 * </ul>
 *
 * <p>What could depend on rounding is decided by running the whole model like the exhaustive way,
 * on the same batches. Units are best asked for in the order of the graph. The result does not
 * depend on timing.
 */
public final class FastSearch implements UnitSearch {
  private final SearchSetup setup;
  private final SampleSet samples;
  private final String output;
  private final GraphCuts cuts;
  private final Workers workers;
  private final CutCache cache;
  private final List<int[]> batches;
  private final WholeModel whole;
  private final Steps steps;

  /** Prepares a search; nothing is loaded yet. */
  public FastSearch(SearchSetup setup) {
    this.setup = setup;
    samples = setup.samples();
    output = setup.output();
    cuts = new GraphCuts(setup.model().graph(), List.of(output));
    workers = new Workers(setup.threads());
    batches = MarginOrder.batches(setup);
    cache = new CutCache(setup.model(), cuts, samples, batches, setup.memory(), workers);
    whole = new WholeModel(setup);
    steps = Steps.of(setup.model());
  }

  @Override
  public UnitResult search(SearchUnit unit, List<Double> thresholds, UnitProgress progress) {
    Count count = new Count(progress, samples.size(), thresholds.size());
    Optional<Node> producer = setup.model().graph().producer(output);
    if (producer.isEmpty()) {
      return plainly(unit, thresholds, count);
    }
    cache.moveTo(Math.min(place(unit), producer.get().index()));
    try (UnitRuns runs = new UnitRuns(setup, unit, cache, batches, output)) {
      Optional<Rounding> rounding = runs.rounding(workers, unit.on(), steps);
      return rounding.isEmpty()
          ? plainly(unit, thresholds, count)
          : descend(unit, thresholds, runs, rounding.get(), count);
    }
  }

  /** The cut behind which the unit's threshold acts. */
  private int place(SearchUnit unit) {
    return unit.on() == On.WEIGHTS
        ? cuts.beforeReadersOf(unit.weights().stream().map(Weight::name).toList())
        : setup.model().graph().producer(unit.activation()).map(Node::index).orElse(-1) + 1;
  }

  private UnitResult descend(
      SearchUnit unit, List<Double> thresholds, UnitRuns runs, Rounding rounding, Count count) {
    Choices choices = choices(unit, thresholds);
    count.alive(choices.run().size() + (choices.asDense() > 0 ? 1 : 0));
    try (Descent descent =
        new Descent(choices.run(), t -> new Race(setup, batches, rounding, t, runs.at(t)), count)) {
      for (Optional<Race> race = descent.next(workers);
          race.isPresent();
          race = descent.next(workers)) {
        double sum = sum(unit, race.get(), count);
        if (setup.target().passes(sum)) {
          return new UnitResult(unit.name(), race.get().threshold(), sum, count.run());
        }
        descent.giveUp();
      }
    }
    return new UnitResult(unit.name(), choices.asDense(), setup.target().baseline(), count.run());
  }

  /** A candidate's sum over all records. */
  private double sum(SearchUnit unit, Race race, Count count) {
    return setup.metric().countsHits()
        ? whole.settle(unit, race.threshold(), race.tally(), count)
        : whole.sum(unit, race.threshold(), count);
  }

  /**
   * What is left of a grid.
   *
   * @param run thresholds to be run, descending; of those that zero the same weights the first
   * @param asDense the highest threshold that zeroes nothing, 0 if there is none
   */
  private record Choices(List<Double> run, double asDense) {}

  private Choices choices(SearchUnit unit, List<Double> thresholds) {
    long[] zeros = zeros(unit, thresholds);
    if (zeros.length == 0) {
      return new Choices(thresholds, 0);
    }
    List<Double> run = new ArrayList<>();
    for (int i = 0; i < thresholds.size(); i++) {
      if (zeros[i] == zeros[thresholds.size()]) {
        return new Choices(run, thresholds.get(i));
      }
      if (i == 0 || zeros[i] != zeros[i - 1]) {
        run.add(thresholds.get(i));
      }
    }
    return new Choices(run, 0);
  }

  /** Zeros behind each threshold, those of the dense weights last; nothing on activations. */
  private long[] zeros(SearchUnit unit, List<Double> thresholds) {
    if (unit.on() != On.WEIGHTS) {
      return new long[0];
    }
    List<Double> all = new ArrayList<>(thresholds);
    all.add(0.0);
    return WeightValues.zeros(setup.model(), unit, all, setup.orEqual());
  }

  /** Runs whole models, where parts of them do not do the same. */
  private UnitResult plainly(SearchUnit unit, List<Double> thresholds, Count count) {
    for (int i = 0; i < thresholds.size(); i++) {
      count.alive(thresholds.size() - i);
      double sum = whole.sum(unit, thresholds.get(i), count);
      if (setup.target().passes(sum)) {
        return new UnitResult(unit.name(), thresholds.get(i), sum, count.run());
      }
    }
    return new UnitResult(unit.name(), 0, setup.target().baseline(), count.run());
  }

  @Override
  public void close() {
    cache.close();
    whole.close();
    workers.close();
  }
}
