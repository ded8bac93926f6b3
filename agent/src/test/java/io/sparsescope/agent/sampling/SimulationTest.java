package io.sparsescope.agent.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.config.Sampling;
import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Services on a clock of their own: runs take the time that the test says. */
class SimulationTest {
  private static final long MILLI = 1_000_000;

  private long now;

  @Property(tries = 60)
  void staysBelowTheBudgetWithRunsOfAllKinds(
      @ForAll @IntRange(min = 2, max = 300) int budgetPermille,
      @ForAll @IntRange(min = 1, max = 60) int costPercent,
      @ForAll @IntRange(min = 1, max = 4) int sizes,
      @ForAll long seed) {
    double budget = budgetPermille / 1000.0;
    double cost = costPercent / 100.0;
    Random random = new Random(seed);
    Service service = new Service(budget(budget, Measure.COMPARED));
    for (int i = 0; i < 20_000; i++) {
      long size = 1L << (3 * random.nextInt(sizes));
      double noise = Math.exp(0.1 * random.nextGaussian());
      service.run(size, size * MILLI * noise, cost * size * MILLI * noise);
    }

    // The account may owe one run's cost at any time.
    double slack = cost * 512 * MILLI;
    assertThat(service.overhead).isLessThan(budget * service.plain * 1.1 + slack);
    assertThat(service.sampled).isPositive();
  }

  @Property(tries = 30)
  void usesMostOfTheBudget(
      @ForAll @IntRange(min = 5, max = 50) int budgetPermille, @ForAll long seed) {
    double budget = budgetPermille / 1000.0;
    Random random = new Random(seed);
    Service service = new Service(budget(budget, Measure.COMPARED));
    for (int i = 0; i < 20_000; i++) {
      double time = 10 * MILLI * Math.exp(0.05 * random.nextGaussian());
      service.run(100, time, 0.07 * time);
    }

    assertThat(service.overhead / service.plain).isBetween(0.4 * budget, 1.1 * budget);
  }

  @Test
  void doesNotSpendInABurstWhatWasSavedBefore() {
    Service service = new Service(budget(0.02, Measure.COMPARED));
    // An hour of runs that cost nothing to count.
    for (int i = 0; i < 360_000; i++) {
      service.run(100, 10 * MILLI, 0);
    }
    service.overhead = 0;
    for (int i = 0; i < 1_000; i++) {
      service.run(100, 10 * MILLI, 2 * MILLI);
    }

    // Ten seconds of runs pay for 200 ms, savings for 40 ms more, and the first costly runs were
    // expected to be cheap.
    assertThat(service.overhead).isLessThan(300 * MILLI);
  }

  @Test
  void earnsBackDebtBeforeItCountsAgain() {
    SessionSampler sampler = budget(0.01, Measure.APART);
    for (int i = 0; i < 3; i++) {
      assertThat(sampler.admit(1)).isEqualTo(SessionSampler.NO);
      sampler.ran(1, 10_000 * MILLI);
    }
    long reserved = sampler.admit(1);
    // Expected are 15 s; savings are full with 20 ms.
    assertThat(reserved).isEqualTo(15_000 * MILLI);
    sampler.ran(1, 10_000 * MILLI);
    sampler.countedApart(1, 10_000 * MILLI, reserved);

    // 10 s are owed but for the 20 ms, of which every run earns 100 ms.
    int uncounted = 0;
    while (sampler.admit(1) == SessionSampler.NO) {
      sampler.ran(1, 10_000 * MILLI);
      uncounted++;
    }
    assertThat(uncounted).isBetween(97, 100);
  }

  @Test
  void letsManyThreadsReserveTheSameTimeOnlyOnce() {
    SessionSampler sampler = budget(0.02, Measure.COMPARED);
    Service service = new Service(sampler);
    for (int i = 0; i < 300; i++) {
      service.run(1, 10 * MILLI, MILLI);
    }
    int admitted = 0;
    for (int thread = 0; thread < 100; thread++) {
      admitted += sampler.admit(1) == SessionSampler.NO ? 0 : 1;
    }

    // Savings of at most 40 ms, at 1 ms a run; nothing is settled as long as none has ended.
    assertThat(admitted).isBetween(1, 40);
  }

  @Test
  void countsAgainWhenAReservedRunIsGivenUp() {
    SessionSampler sampler = budget(0.01, Measure.COMPARED);
    for (int i = 0; i < 3; i++) {
      sampler.admit(1);
      sampler.ran(1, 10_000 * MILLI);
    }
    long reserved = sampler.admit(1);
    assertThat(reserved).isPositive();
    assertThat(sampler.admit(1)).isEqualTo(SessionSampler.NO);
    sampler.cancelled(0, reserved);

    assertThat(sampler.admit(1)).isEqualTo(reserved);
  }

  @Test
  void countsInTheFirstPartOfEveryPeriod() {
    now = 5_000 * MILLI;
    Sampling window = new Sampling.Window(Duration.ofSeconds(2), Duration.ofSeconds(10));
    SessionSampler sampler = Samplers.of(window, () -> now).session(Measure.COMPARED);
    StringBuilder seen = new StringBuilder();
    for (int second = 0; second < 25; second++) {
      seen.append(sampler.admit(1) == SessionSampler.NO ? '-' : 'x');
      now += 1_000 * MILLI;
    }

    assertThat(seen).hasToString("xx--------xx--------xx---");
  }

  @Test
  void countsEveryNthRunOfEachSession() {
    Samplers samplers = Samplers.of(new Sampling.Every(3), () -> now);
    for (int session = 0; session < 2; session++) {
      SessionSampler sampler = samplers.session(Measure.COMPARED);
      StringBuilder seen = new StringBuilder();
      for (int run = 0; run < 7; run++) {
        seen.append(sampler.admit(1) == SessionSampler.NO ? '-' : 'x');
      }
      assertThat(seen).hasToString("x--x--x");
    }
  }

  @Test
  void measuresWhatCountedRunsTakeLongerThanOthersOfTheirSize() {
    SessionSampler sampler =
        Samplers.of(new Sampling.Every(2), () -> now).session(Measure.COMPARED);
    for (int i = 0; i < 20; i++) {
      sampler.ran(1_000, 10 * MILLI);
      sampler.ran(8_000, 70 * MILLI);
    }

    assertThat(sampler.counted(1_000, 11 * MILLI, 1, 0)).isBetween(MILLI - 2, MILLI + 2);
    assertThat(sampler.counted(8_000, 69 * MILLI, 1, 0)).isBetween(-MILLI - 2, -MILLI + 2);
    // A pause of the process is no cost of ours.
    assertThat(sampler.counted(1_000, 9_000 * MILLI, 5, 0)).isBetween(39 * MILLI, 41 * MILLI);
    // Nothing is known of runs of this size.
    assertThat(sampler.counted(64_000, 600 * MILLI, 5, 0)).isEqualTo(100 * MILLI);
  }

  @Test
  void knowsOnlyItsOwnWorkWhereAllRunsCount() {
    SessionSampler sampler =
        Samplers.of(new Sampling.Every(1), () -> now).session(Measure.OWN_WORK);

    assertThat(sampler.counted(0, 50 * MILLI, 7, sampler.admit(0))).isEqualTo(7);
  }

  private SessionSampler budget(double share, Measure measure) {
    return Samplers.of(new Sampling.Budget(share), () -> now).session(measure);
  }

  /** A service, and what counting its runs has really taken. */
  private static final class Service {
    private final SessionSampler sampler;
    private double overhead;
    private double plain;
    private int sampled;

    Service(SessionSampler sampler) {
      this.sampler = sampler;
    }

    void run(long size, double nanos, double cost) {
      long reserved = sampler.admit(size);
      plain += nanos;
      if (reserved == SessionSampler.NO) {
        sampler.ran(size, (long) nanos);
      } else {
        sampled++;
        overhead += cost;
        sampler.counted(size, (long) (nanos + cost), 0, reserved);
      }
    }
  }
}
