package io.sparsescope.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Half a minute of what {@code bench soak} does for ten. */
class SoakIT {
  private static final int SECONDS = 24;

  /** What a session holds of the heap, times those of a third, would be more. */
  private static final long LEAKED_HEAP = 8 << 20;

  /** Twice what ten minutes take. */
  private static final long RESIDENT = 1L << 30;

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
    Growth heap = Growth.of(result.samples(), SoakSample::heap);
    assertThat(heap.after()).isLessThan(heap.before() + LEAKED_HEAP);
    // Memory pools are still warming up; bench soak, which takes longer, looks at growth.
    assertThat(Growth.of(result.samples(), SoakSample::rss).after()).isLessThan(RESIDENT);
  }
}
