package io.sparsescope.it.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class QuartilesTest {

  @Test
  void interpolatesBetweenMeasurements() {
    assertThat(Quartiles.of(new double[] {4, 1, 3, 2})).isEqualTo(new Quartiles(1.75, 2.5, 3.25));
  }

  @Test
  void ratiosAreTakenPairByPair() {
    double[] with = {2, 30, 400};
    double[] without = {1, 10, 100};

    assertThat(Quartiles.ofRatios(with, without).format(2)).isEqualTo("3.00 [2.50, 3.50]");
  }

  @Test
  void refusesNoMeasurements() {
    assertThatIllegalArgumentException().isThrownBy(() -> Quartiles.of(new double[0]));
  }
}
