package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.evaluate.Interval;
import io.sparsescope.experiments.evaluate.JudgedOutput;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Counts;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The threshold search of the paper's section 3.1: unit by unit, all others dense, the highest
 * threshold of the grid that leaves the accuracy unchanged; then all of them at once.
 *
 * <p>Of weights, thresholds that zero the same elements as another are not tried (unless the search
 * is exhaustive): the answer is the one that the whole grid has.
 */
public final class ThresholdSearch {
  /** What a search says that it does when it begins with the first unit. */
  public static final String SEARCHING = "searching";

  /** What a search says that it does when all units' thresholds are found. */
  public static final String ALL_AT_ONCE = "all thresholds at once";

  private final ModelFile model;
  private final SearchOptions options;
  private final SearchProgress progress;
  private final SearchSpace space;

  /**
   * What a search has found.
   *
   * @param result the figures
   * @param rules the thresholds in force, as rules
   */
  public record Found(SearchResult result, Rules rules) {}

  /** The records, and what the dense model makes of them. */
  private record Samples(SampleSet search, Optional<SampleSet> validation) {}

  /** All thresholds at once. */
  private record Joint(Map<SearchUnit, Double> thresholds, double sum, long samplesRun) {}

  /**
   * Looks at the model.
   *
   * @throws ExperimentException if nothing in it can have a threshold
   */
  public ThresholdSearch(ModelFile model, SearchOptions options, SearchProgress progress) {
    this.model = model;
    this.options = options;
    this.progress = progress;
    space = SearchSpace.of(model, options.on(), options.by(), options.blocks(), options.filter());
  }

  /**
   * Searches.
   *
   * @param data read from its beginning; stays open
   * @param dataName what the result calls it
   * @param stateFile where to keep what is found, unit by unit; stays behind a search that is done,
   *     so that the caller can delete it once the result is safe
   * @param resume whether to go on with a state that is there
   * @throws ExperimentException if the model does not run, the data is damaged, or there is a state
   *     of another search
   */
  public Found run(DataSource data, String dataName, Optional<Path> stateFile, boolean resume) {
    tell("reading the records", 0);
    SampleSet all =
        SampleSet.read(
            model,
            data,
            options.choice(),
            options.memory() / 2,
            (done, total) -> tell("reading the records: " + done, 0));
    Metric metric = metric(all);
    String output = JudgedOutput.of(model, options.output());
    StateFile state =
        StateFile.open(
            stateFile, resume, model.sha256(), all.digest(), metric.name(), options.key());
    Samples samples = split(all);
    try (Evaluation evaluation =
        new Evaluation(model, metric, output, options.batch(), options.threads())) {
      tell("running the dense model", 0);
      evaluation.dense(all, records -> {});
      SampleSet search = samples.search();
      Target target = Target.of(search.denseSum(), search.size(), options.tolerance());
      SearchSetup setup =
          new SearchSetup(
              model,
              search,
              metric,
              output,
              target,
              options.orEqual(),
              options.batch(),
              options.threads(),
              options.memory() / 2);
      return new Run(dataName, setup, evaluation, samples, state).search();
    }
  }

  /** Where a search that writes its rules to a file keeps its state: beside them. */
  public static Path stateFileOf(Path rules) {
    return rules.resolveSibling(rules.getFileName() + ".state.json");
  }

  /** Deletes the state of a search whose result is safe. */
  public static void forget(Path stateFile) {
    StateFile.delete(stateFile);
  }

  private Metric metric(SampleSet samples) {
    Metric metric =
        options.metric().orElse(samples.hasLabels() ? Metrics.TOP_1 : Metrics.AGREEMENT);
    if (metric.needsLabels() && !samples.hasLabels()) {
      throw new ExperimentException(
          "the data has no labels, which metric "
              + metric.name()
              + " needs; choose --metric agreement, cosine or max-error, or name labels");
    }
    return metric;
  }

  private Samples split(SampleSet all) {
    int kept = (int) Math.round(all.size() * options.validate());
    if (options.validate() == 0) {
      return new Samples(all, Optional.empty());
    }
    if (kept == 0 || kept == all.size()) {
      throw new ExperimentException(
          "--validate "
              + options.validate()
              + " leaves one of the two parts of "
              + all.size()
              + " records empty; choose another share, or more records");
    }
    BitSet validation = Choice.draw(kept, all.size(), options.seed());
    int[] first = IntStream.range(0, all.size()).filter(i -> !validation.get(i)).toArray();
    return new Samples(all.part(first), Optional.of(all.part(validation.stream().toArray())));
  }

  private void tell(String doing, int unitsDone) {
    int units = space.units().size();
    progress.report(new SearchProgress.Step(doing, unitsDone, units, (double) unitsDone / units));
  }

  /** One search over records that are read. */
  private final class Run {
    private final String dataName;
    private final SearchSetup setup;
    private final Evaluation evaluation;
    private final Samples samples;
    private final StateFile state;
    private final GridMaker grids;
    private long evaluated;
    private long exhaustive;

    Run(
        String dataName,
        SearchSetup setup,
        Evaluation evaluation,
        Samples samples,
        StateFile state) {
      this.dataName = dataName;
      this.setup = setup;
      this.evaluation = evaluation;
      this.samples = samples;
      this.state = state;
      grids = new GridMaker(setup, options.grid());
    }

    Found search() {
      Map<SearchUnit, UnitGrid> gridOf = new LinkedHashMap<>();
      List<UnitResult> found = new ArrayList<>();
      tell(SEARCHING, 0);
      try (UnitSearch engine = Engines.open(setup, options.exhaustive())) {
        for (SearchUnit unit : space.units()) {
          UnitGrid grid = grids.of(unit);
          gridOf.put(unit, grid);
          UnitResult result = one(engine, unit, grid, found.size());
          found.add(result);
          evaluated += result.samplesRun();
          exhaustive += (long) grid.thresholds().size() * setup.samples().size();
          tell(unit.name(), found.size());
        }
      }
      Joint joint = joint(gridOf, found);
      Rules rules = SearchUnit.rules(joint.thresholds(), options.orEqual());
      return new Found(result(found, joint, rules), rules);
    }

    private UnitResult one(UnitSearch engine, SearchUnit unit, UnitGrid grid, int index) {
      Optional<UnitResult> known = state.known(index, unit);
      if (known.isPresent()) {
        return known.get();
      }
      List<Double> tried = options.exhaustive() ? grid.thresholds() : grid.distinct();
      UnitResult result =
          tried.isEmpty()
              ? new UnitResult(unit.name(), 0, setup.target().baseline(), 0)
              : engine.search(unit, tried, unitProgress(unit, index));
      if (result.threshold() == 0 && !options.exhaustive()) {
        // Zeroing nothing is what the dense model does.
        result =
            new UnitResult(
                unit.name(), grid.idle(), setup.target().baseline(), result.samplesRun());
      }
      state.add(result);
      return result;
    }

    private UnitProgress unitProgress(SearchUnit unit, int index) {
      int units = space.units().size();
      return (alive, done, total) ->
          progress.report(
              new SearchProgress.Step(
                  unit.name() + ", " + alive + (alive == 1 ? " candidate" : " candidates"),
                  index,
                  units,
                  (index + Math.min(1, (double) done / Math.max(1, total))) / units));
    }

    private Joint joint(Map<SearchUnit, UnitGrid> gridOf, List<UnitResult> found) {
      tell(ALL_AT_ONCE, found.size());
      Map<SearchUnit, Double> alone = new LinkedHashMap<>();
      for (int i = 0; i < found.size(); i++) {
        alone.put(space.units().get(i), found.get(i).threshold());
      }
      SampleSet search = setup.samples();
      double sum = Target.sum(values(alone, search));
      if (setup.target().passes(sum) || options.joint() == JointMode.REPORT) {
        return new Joint(alone, sum, search.size());
      }
      tell("giving thresholds back", found.size());
      try (JointTrials trials =
          Engines.trials(setup, evaluation, options.on(), options.exhaustive())) {
        JointRepair.Repaired repaired =
            new JointRepair(
                    trials,
                    setup,
                    gridOf,
                    tries -> tell("giving thresholds back, " + tries + " tried", found.size()))
                .repair(alone);
        return new Joint(
            repaired.thresholds(), repaired.sum(), search.size() + repaired.samplesRun());
      }
    }

    private double[] values(Map<SearchUnit, Double> thresholds, SampleSet over) {
      Rules rules = SearchUnit.rules(thresholds, options.orEqual());
      return evaluation.values(
          new Rewriter(rules, false, false).plan(model).edit(), over, records -> {});
    }

    private SearchResult result(List<UnitResult> found, Joint joint, Rules rules) {
      int size = setup.samples().size();
      List<LayerResult> layers = layers(found, joint, rules);
      return new SearchResult(
          model.name(),
          model.sha256(),
          dataName,
          size,
          options.on().label(),
          options.by().label(),
          options.orEqual() ? "le" : "lt",
          options.grid().text(),
          setup.metric().name(),
          options.tolerance(),
          options.seed(),
          options.joint().label(),
          setup.target().baseline() / size,
          joint.sum() / size,
          setup.target().passes(joint.sum()),
          layers,
          SearchResult.Total.of(layers),
          space.skipped(),
          samples.validation().map(part -> validation(part, joint)).orElse(null),
          new SearchResult.Evaluations(evaluated, exhaustive, joint.samplesRun()),
          setup.samples().notices());
    }

    private List<LayerResult> layers(List<UnitResult> found, Joint joint, Rules rules) {
      List<Counts> dense = counts(Map.of(), Rules.NONE);
      List<Counts> sparse = counts(joint.thresholds(), rules);
      List<LayerResult> layers = new ArrayList<>();
      for (int i = 0; i < found.size(); i++) {
        SearchUnit unit = space.units().get(i);
        layers.add(
            new LayerResult(
                unit.name(),
                unit.block(),
                joint.thresholds().get(unit),
                found.get(i).threshold(),
                sparse.get(i).elements(),
                sparse.get(i).zeros(),
                dense.get(i).zeros(),
                found.get(i).sum() / setup.samples().size()));
      }
      return layers;
    }

    /** What the units hold with thresholds in force. */
    private List<Counts> counts(Map<SearchUnit, Double> thresholds, Rules rules) {
      tell("counting zeros", space.units().size());
      if (options.on() == On.ACTIVATIONS) {
        return new ActivationValues(model, setup.samples(), options.batch())
            .counts(rules, space.units());
      }
      List<Counts> counts = new ArrayList<>();
      for (SearchUnit unit : space.units()) {
        List<Double> threshold = List.of(thresholds.getOrDefault(unit, 0.0));
        long zeros = WeightValues.zeros(model, unit, threshold, options.orEqual())[0];
        counts.add(new Counts(unit.elements(), zeros, 0));
      }
      return counts;
    }

    private Validation validation(SampleSet part, Joint joint) {
      tell("validating", space.units().size());
      double dense = part.denseSum();
      double sum = Target.sum(values(joint.thresholds(), part));
      boolean hits = setup.metric().countsHits();
      return new Validation(
          options.validate(),
          part.size(),
          dense / part.size(),
          sum / part.size(),
          hits ? Interval.wilson((long) dense, part.size()) : null,
          hits ? Interval.wilson((long) sum, part.size()) : null);
    }
  }
}
