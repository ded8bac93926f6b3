package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void givesTheRatesOfItsForm() {
    assertThat(Schedule.parse("0.01").rate(7.5, 0.9)).isEqualTo(0.01);
    assertThat(Schedule.parse("constant:0.2").rate(0, 0)).isEqualTo(0.2);
    Schedule step = Schedule.parse("step:0.1:0.5:10");
    assertThat(step.rate(9.99, 0)).isEqualTo(0.1);
    assertThat(step.rate(10, 0)).isEqualTo(0.05);
    assertThat(step.rate(35, 0)).isEqualTo(0.0125);
    Schedule exponential = Schedule.parse("exponential:0.1:0.25:2");
    assertThat(exponential.rate(1, 0)).isCloseTo(0.05, within(1e-12));
    assertThat(exponential.rate(4, 0)).isCloseTo(0.00625, within(1e-12));
    Schedule cosine = Schedule.parse("cosine:0.1:0.02");
    assertThat(cosine.rate(0, 0)).isCloseTo(0.1, within(1e-12));
    assertThat(cosine.rate(0, 0.5)).isCloseTo(0.06, within(1e-12));
    assertThat(cosine.rate(0, 1)).isCloseTo(0.02, within(1e-12));
  }

  @Test
  void readsWhatItWrites() {
    for (String text :
        new String[] {"0.01", "step:0.1:0.5:10", "exponential:0.1:0.9:1", "cosine:0.1"}) {
      Schedule schedule = Schedule.parse(text);
      assertThat(Schedule.parse(schedule.text())).isEqualTo(schedule);
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    for (String text : new String[] {"", "x", "step:0.1", "cosine", "linear:0.1", "0.1:0.2:"}) {
      assertThatThrownBy(() -> Schedule.parse(text))
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining("write 0.01, step:0.1:0.1:10");
    }
    assertThatThrownBy(() -> Schedule.parse("-0.1"))
        .hasMessage("learning rate -0.1: give a number above 0");
    assertThatThrownBy(() -> Schedule.parse("step:0.1:-1:2")).hasMessageContaining("factor");
    assertThatThrownBy(() -> Schedule.parse("step:0.1:0.1:0")).hasMessageContaining("epochs");
  }
}
