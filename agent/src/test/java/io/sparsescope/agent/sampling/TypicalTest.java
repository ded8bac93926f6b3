package io.sparsescope.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class TypicalTest {

  @Property
  void givesBackWhatItWasToldOfASize(
      @ForAll @LongRange(min = 1) long size,
      @ForAll @LongRange(min = -1_000_000_000_000L, max = 1_000_000_000_000L) long nanos) {
    Typical typical = new Typical();
    typical.add(size, nanos);

    assertThat(typical.known(size)).isEqualTo(1);
    assertThat((double) typical.of(size)).isBetween(nanos - 3.0, nanos + 3.0);
  }

  @Property
  void takesInputsUpToAQuarterLargerForAlike(
      @ForAll @LongRange(min = 16, max = 1L << 40) long size) {
    Typical typical = new Typical();
    typical.add(size, 1_000_000);

    assertThat(typical.known(2 * size)).isZero();
    assertThat(typical.known(size / 2)).isZero();
    long larger = size + size / 16;
    if (typical.known(larger) > 0) {
      double scaled = 1_000_000.0 * larger / size;
      assertThat((double) typical.of(larger)).isBetween(scaled - 3, scaled + 3);
    }
  }

  @Test
  void isTheMedianOfTheLatest() {
    Typical typical = new Typical();
    for (int i = 0; i < 100; i++) {
      typical.add(4, 1_000_000);
    }
    for (int i = 1; i <= Recent.SIZE; i++) {
      typical.add(4, i);
    }

    assertThat(typical.of(4)).isEqualTo(Recent.SIZE / 2);
    assertThat(typical.known(4)).isEqualTo(Recent.SIZE);
  }

  @Test
  void knowsNothingAtFirst() {
    Typical typical = new Typical();

    assertThat(typical.known(7)).isZero();
    assertThat(typical.of(7)).isZero();
  }
}
