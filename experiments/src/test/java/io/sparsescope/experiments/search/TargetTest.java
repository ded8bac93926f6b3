package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import org.junit.jupiter.api.Test;

class TargetTest {

  @Test
  void needsTheShareThatWasWritten() {
    assertThat(Target.of(1000, 1024, 0).needed()).isEqualTo(1000);
    assertThat(Target.of(1000, 1024, 0.001).passes(999)).isTrue();
    assertThat(Target.of(1000, 1024, 0.001).passes(998)).isFalse();
    assertThat(Target.of(10, 10, 0.1).passes(9)).isTrue();
    assertThat(Target.of(999, 1024, 0.001).passes(998)).isFalse();
    assertThat(Target.of(999, 1024, 0.002).allowedLoss()).isCloseTo(1.998, within(1e-9));
  }

  @Test
  void everyToleranceInHundredthsIsExact() {
    for (int percent = 0; percent < 100; percent++) {
      for (int baseline = 1; baseline <= 300; baseline++) {
        Target target = Target.of(baseline, 300, percent / 100.0);
        // sum * 100 >= (100 - percent) * baseline, in integers.
        int least = ((100 - percent) * baseline + 99) / 100;
        assertThat(target.passes(least)).isTrue();
        assertThat(target.passes(least - 1)).isFalse();
      }
    }
  }

  @Test
  void ofErrorsTheToleranceIsARecordsShare() {
    assertThat(Target.of(0, 10, 0.25).needed()).isEqualTo(-2.5);
    assertThat(Target.of(-4, 10, 0.25).needed()).isEqualTo(-6.5);
    assertThat(Target.of(-4, 10, 0).passes(-4)).isTrue();
    assertThat(Target.of(-4, 10, 0).passes(Math.nextDown(-4.0))).isFalse();
  }

  @Test
  void isOutOfReachOnlyIfNothingCanHelp() {
    Target target = Target.of(90, 100, 0.1);
    assertThat(target.isOutOfReach(50, 31, 1)).isFalse();
    assertThat(target.isOutOfReach(50, 30, 1)).isTrue();
    assertThat(Target.of(0.1 + 0.2, 2, 0).isOutOfReach(0.3, 0, 1)).isFalse();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> Target.of(10, 10, 1)).isInstanceOf(ExperimentException.class);
    assertThatThrownBy(() -> Target.of(10, 10, -0.1)).isInstanceOf(ExperimentException.class);
    assertThatThrownBy(() -> Target.of(10, 10, Double.NaN)).isInstanceOf(ExperimentException.class);
    assertThatThrownBy(() -> Target.of(Double.NaN, 10, 0))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("NaN");
  }
}
