package io.sparsescope.experiments.search;

import java.util.ArrayList;
import java.util.List;

/** Makes each unit's grid, and counts what its thresholds zero. */
final class GridMaker {
  private final SearchSetup setup;
  private final Grid grid;

  GridMaker(SearchSetup setup, Grid grid) {
    this.setup = setup;
    this.grid = grid;
  }

  UnitGrid of(SearchUnit unit) {
    return unit.on() == On.WEIGHTS ? ofWeights(unit) : ofActivation(unit);
  }

  private UnitGrid ofWeights(SearchUnit unit) {
    List<Double> thresholds =
        grid.thresholds(grid.perUnit() ? Magnitudes.of(setup.model(), unit) : null);
    List<Double> withDense = new ArrayList<>(thresholds);
    withDense.add(0.0);
    long[] zeros = WeightValues.zeros(setup.model(), unit, withDense, setup.orEqual());
    List<Long> counts = new ArrayList<>();
    for (int i = 0; i < thresholds.size(); i++) {
      counts.add(zeros[i]);
    }
    return new UnitGrid(thresholds, counts, zeros[thresholds.size()], true);
  }

  private UnitGrid ofActivation(SearchUnit unit) {
    Magnitudes magnitudes =
        new ActivationValues(setup.model(), setup.samples(), setup.batch()).magnitudes(unit);
    List<Double> thresholds = grid.thresholds(magnitudes);
    return new UnitGrid(
        thresholds,
        thresholds.stream().map(t -> magnitudes.below(t, setup.orEqual())).toList(),
        magnitudes.below(0, true),
        false);
  }
}
