package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpreadTest {

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.1, 0.01, 0.001, 0.3, 1.0 / 3, 0.7, 0.9, 0.999, 0.123456789})
  void choosesTheShareAtAnyTime(double share) {
    Spread spread = new Spread(share, 1);
    long chosen = 0;
    for (int n = 0; n < 20_000; n++) {
      chosen += spread.includes(n) ? 1 : 0;
      assertThat(chosen).isBetween((long) ((n + 1) * share) - 1, (long) ((n + 1) * share) + 1);
    }
    assertThat(chosen).isCloseTo(Math.round(20_000 * share), within(1L));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 10, 100})
  void choosesOneOfEachGroup(int size) {
    Spread spread = new Spread(1.0 / size, 7);
    for (long group = 0; group < 500; group++) {
      long first = group * size;
      assertThat(LongStream.range(first, first + size).filter(spread::includes).count())
          .isEqualTo(1);
    }
  }

  @Test
  void choosesNoneOrAll() {
    assertThat(IntStream.range(0, 100)).noneMatch(new Spread(0, 0)::includes);
    assertThat(IntStream.range(0, 100)).allMatch(new Spread(1, 0)::includes);
  }

  @Test
  void doesNotFallIntoStepWithAnApplicationThatTakesTurns() {
    Spread spread = new Spread(0.5, 1);
    long even = LongStream.range(0, 2000).filter(n -> n % 2 == 0 && spread.includes(n)).count();
    // 500 of 1000 expected, with a deviation of 16.
    assertThat(even).isBetween(400L, 600L);
  }

  @Test
  void choosesTheSameRunsEveryTimeAndOthersWithAnotherSalt() {
    boolean[] first = chosen(new Spread(0.5, 1));
    assertThat(chosen(new Spread(0.5, 1))).isEqualTo(first);
    assertThat(chosen(new Spread(0.5, 2))).isNotEqualTo(first);
  }

  @Test
  void worksForManyRuns() {
    Spread spread = new Spread(0.1, 1);
    long start = 1L << 40;
    assertThat(LongStream.range(start, start + 10_000).filter(spread::includes).count())
        .isBetween(999L, 1001L);
  }

  private static boolean[] chosen(Spread spread) {
    boolean[] chosen = new boolean[1000];
    for (int n = 0; n < chosen.length; n++) {
      chosen[n] = spread.includes(n);
    }
    return chosen;
  }
}
