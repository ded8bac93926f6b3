package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GridTest {

  @Test
  void theDefaultHalvesFromOneAsTheAuthorsDid() {
    List<Double> thresholds = Grid.DEFAULT.thresholds(null);
    // 2^-16 is 1.53e-5, 2^-17 is below 1e-5.
    assertThat(thresholds).hasSize(17).startsWith(1.0, 0.5, 0.25).endsWith(Math.pow(2, -16));
  }

  @Test
  void linearGridsHaveEqualDistancesAndBothEnds() {
    assertThat(Grid.parse("linear:0.25:1:4").thresholds(null))
        .containsExactly(1.0, 0.75, 0.5, 0.25);
    assertThat(Grid.parse("linear:1:0.25:4").thresholds(null))
        .containsExactly(1.0, 0.75, 0.5, 0.25);
    // No threshold is 0.
    assertThat(Grid.parse("linear:0:1:3").thresholds(null)).containsExactly(1.0, 0.5);
    assertThat(Grid.parse("linear:0.5:1:1").thresholds(null)).containsExactly(1.0);
  }

  @Test
  void logGridsHaveEqualRatiosAndBothEnds() {
    List<Double> thresholds = Grid.parse("log:0.001:1:4").thresholds(null);
    assertThat(thresholds).hasSize(4).startsWith(1.0).endsWith(0.001);
    assertThat(thresholds.get(1)).isCloseTo(0.1, within(1e-12));
    assertThat(thresholds.get(2)).isCloseTo(0.01, within(1e-12));
  }

  @Test
  void quantilesZeroTheirShareOfTheElements() {
    Magnitudes magnitudes = Magnitudes.of(new float[] {-4, 1, 3, -2, Float.NaN}, 1);
    List<Double> thresholds = Grid.parse("quantile:4").thresholds(magnitudes);
    assertThat(thresholds).containsExactly((double) Math.nextUp(4f), 4.0, 3.0, 2.0);
    assertThat(thresholds.stream().map(t -> magnitudes.below(t, false)))
        .containsExactly(4L, 3L, 2L, 1L);
    assertThat(magnitudes.below(3, true)).isEqualTo(3);
  }

  @Test
  void whatMakesNoSenseIsSaid() {
    for (String text :
        List.of(
            "cubic:1:2",
            "linear:1:2",
            "linear:0:0:5",
            "log:0:1:5",
            "pow2:1:0",
            "pow2:1",
            "linear:a:1:5",
            "linear:NaN:1:5",
            "linear:0:Infinity:5",
            "linear:0.1:1:0",
            "quantile:0",
            "quantile",
            "")) {
      assertThatThrownBy(() -> Grid.parse(text))
          .as(text)
          .isInstanceOf(ExperimentException.class)
          .hasMessageStartingWith("--grid " + text);
    }
  }

  @Test
  void thresholdsThatZeroTheSameAreTriedOnce() {
    UnitGrid grid =
        new UnitGrid(
            List.of(6.0, 5.0, 4.0, 3.0, 2.0, 1.0), List.of(9L, 9L, 7L, 2L, 2L, 2L), 2, true);
    assertThat(grid.distinct()).containsExactly(6.0, 4.0);
    assertThat(grid.idle()).isEqualTo(3);
    assertThat(grid.zerosAt(4)).isEqualTo(7);
    assertThat(grid.zerosAt(0)).isEqualTo(2);
    assertThat(grid.below(4)).isEqualTo(3);
    assertThat(grid.below(1)).isEqualTo(0);

    UnitGrid estimated = new UnitGrid(grid.thresholds(), grid.zeros(), 2, false);
    assertThat(estimated.distinct()).isEqualTo(grid.thresholds());
    assertThat(estimated.idle()).isEqualTo(0);
  }
}
