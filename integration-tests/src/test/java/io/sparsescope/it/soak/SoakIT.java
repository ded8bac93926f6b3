package io.sparsescope.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Half a minute of what {@code bench soak} does for ten. */
class SoakIT {
  private static final int SECONDS = 24;

  @Test
  void countsExactlyWhileSessionsComeAndGo() throws Exception {
    SoakResult result = Soak.run("", SECONDS, 8, 2);

    assertThat(result.wrongCounts()).isEmpty();
    assertThat(result.sampledRuns()).isEqualTo(result.runs()).isGreaterThan(100);
    assertNothingGrows(result);
  }

  @Test
  void leavesNothingBehindInShadow() throws Exception {
    SoakResult result = Soak.run("mode=shadow,sample=1/3", SECONDS, 8, 2);

    assertThat(result.sampledRuns()).isPositive();
    assertNothingGrows(result);
  }

  private static void assertNothingGrows(SoakResult result) {
    assertThat(result.profile().agent().failureMessages()).isEmpty();
    assertThat(result.profile().agent().failures()).isZero();
    assertThat(result.complaints()).isEmpty();
    assertThat(Growth.of(result.samples(), SoakSample::threads).after())
        .isLessThanOrEqualTo(Growth.of(result.samples(), SoakSample::threads).before() + 2);
    assertThat(Growth.of(result.samples(), SoakSample::heap).ratio()).isLessThan(1.3);
    // The warm-up of so short a run is not over; bench soak looks closer.
    assertThat(Growth.of(result.samples(), SoakSample::rss).ratio()).isLessThan(1.3);
  }
}
