package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {

  /** The examples of Newcombe, Statistics in Medicine 17 (1998), table I, method 3. */
  @Test
  void equalsPublishedIntervals() {
    expect(81, 263, 0.2553, 0.3662);
    expect(15, 148, 0.0624, 0.1605);
    expect(0, 20, 0, 0.1611);
    expect(1, 29, 0.0061, 0.1718);
  }

  @Test
  void bothEndsSolveItsEquation() {
    for (int n : new int[] {1, 7, 100, 8000}) {
      for (int hits = 0; hits <= n; hits += Math.max(1, n / 7)) {
        Interval interval = Interval.wilson(hits, n);
        double share = (double) hits / n;
        assertThat(share).isBetween(interval.low(), interval.high());
        for (double p : new double[] {interval.low(), interval.high()}) {
          // |share - p| = z sqrt(p (1 - p) / n); an end of 0 or 1 solves it with both sides 0.
          assertThat(Math.abs(share - p))
              .isCloseTo(1.959963984540054 * Math.sqrt(p * (1 - p) / n), within(1e-9));
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoShare() {
    assertThatThrownBy(() -> Interval.wilson(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Interval.wilson(3, 2)).isInstanceOf(IllegalArgumentException.class);
  }

  private static void expect(int hits, int n, double low, double high) {
    Interval interval = Interval.wilson(hits, n);
    assertThat(interval.low()).isCloseTo(low, within(5e-5));
    assertThat(interval.high()).isCloseTo(high, within(5e-5));
  }
}
