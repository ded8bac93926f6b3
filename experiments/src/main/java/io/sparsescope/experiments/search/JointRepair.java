package io.sparsescope.experiments.search;

import io.sparsescope.rewriter.Rewriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;

/**
 * Gives thresholds back until all of them at once hold. In two passes, both deterministic:
 *
 * <ol>
 *   <li>Down: of all steps to a unit's next lower threshold on its grid (or to none) the one that
 *       loses the fewest zeros is taken, of equals the one of the earlier unit, and the model is
 *       run; again, until it holds. At the latest with no threshold at all it does.
 *   <li>Up: the units that were lowered, those with the most zeros to regain first, of equals the
 *       earlier, get the highest threshold, up to the one that they had, at which it still holds.
 * </ol>
 *
 * In the end no single unit can have its next higher threshold back when its turn in the second
 * pass comes. This is a greedy way; another choice may be sparser.
 */
final class JointRepair {
  private final JointTrials trials;
  private final SearchSetup setup;
  private final List<SearchUnit> units;
  private final IntConsumer progress;
  private final Map<SearchUnit, UnitGrid> grids;
  private long run;
  private int tried;

  /**
   * What came of it.
   *
   * @param thresholds in force
   * @param sum the metric's sum with them
   * @param samplesRun records run
   */
  record Repaired(Map<SearchUnit, Double> thresholds, double sum, long samplesRun) {}

  /**
   * @param progress is told how many sets of thresholds were tried, behind each
   */
  JointRepair(
      JointTrials trials,
      SearchSetup setup,
      Map<SearchUnit, UnitGrid> grids,
      IntConsumer progress) {
    this.trials = trials;
    this.setup = setup;
    this.grids = grids;
    this.progress = progress;
    units = new ArrayList<>(grids.keySet());
  }

  /** Repairs thresholds that fall short together. */
  Repaired repair(Map<SearchUnit, Double> alone) {
    Map<SearchUnit, Double> now = new LinkedHashMap<>(alone);
    OptionalDouble sum = OptionalDouble.empty();
    while (sum.isEmpty()) {
      SearchUnit cheapest = cheapest(now);
      if (cheapest == null) {
        // Nothing is left to give back: this is the dense model.
        return new Repaired(now, setup.target().baseline(), run);
      }
      now.put(cheapest, grids.get(cheapest).below(now.get(cheapest)));
      sum = sum(now);
    }
    double found = sum.getAsDouble();
    for (SearchUnit unit : byRegain(alone, now)) {
      for (double higher : grids.get(unit).thresholds()) {
        if (higher <= now.get(unit)) {
          break;
        }
        if (higher <= alone.get(unit)) {
          Map<SearchUnit, Double> trial = new LinkedHashMap<>(now);
          trial.put(unit, higher);
          OptionalDouble reached = sum(trial);
          if (reached.isPresent()) {
            now = trial;
            found = reached.getAsDouble();
            break;
          }
        }
      }
    }
    return new Repaired(now, found, run);
  }

  /** The unit whose next step down loses the fewest zeros; null if all are dense. */
  private SearchUnit cheapest(Map<SearchUnit, Double> now) {
    SearchUnit cheapest = null;
    long least = 0;
    for (SearchUnit unit : units) {
      double threshold = now.get(unit);
      if (threshold > 0) {
        UnitGrid grid = grids.get(unit);
        long lost = grid.zerosAt(threshold) - grid.zerosAt(grid.below(threshold));
        if (cheapest == null || lost < least) {
          cheapest = unit;
          least = lost;
        }
      }
    }
    return cheapest;
  }

  private List<SearchUnit> byRegain(Map<SearchUnit, Double> alone, Map<SearchUnit, Double> now) {
    return units.stream()
        .filter(unit -> now.get(unit) < alone.get(unit))
        .sorted(
            Comparator.comparingLong(
                unit ->
                    grids.get(unit).zerosAt(now.get(unit))
                        - grids.get(unit).zerosAt(alone.get(unit))))
        .toList();
  }

  private OptionalDouble sum(Map<SearchUnit, Double> thresholds) {
    OptionalDouble sum =
        trials.sumIfReached(
            new Rewriter(SearchUnit.rules(thresholds, setup.orEqual()), false, false)
                .plan(setup.model())
                .edit(),
            records -> run += records);
    tried++;
    progress.accept(tried);
    return sum;
  }
}
