package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.page.CutPlanner.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CutPlannerTest {
  @Test
  void takesTheCheapestCutThatLeavesBothPartsTheirWork() {
    CutPlanner planner = new CutPlanner(new long[] {0, 1, 50, 20, 2}, new double[] {1, 1, 1, 1, 1});

    assertThat(planner.best(2, 1, 3)).containsExactly(plan(1, 1), plan(2, 4), plan(20, 3));
    assertThat(planner.best(2, 2, 3)).containsExactly(plan(20, 3), plan(50, 2));
    assertThat(planner.best(3, 1, 1)).containsExactly(plan(3, 1, 4));
    assertThat(planner.best(2, 3, 3)).isEmpty();
    assertThat(planner.best(6, 0.5, 3)).isEmpty();
  }

  /** All ways to cut, one by one. */
  @Property(tries = 300)
  void findsWhatTryingAllWaysFinds(
      @ForAll @IntRange(min = 2, max = 11) int elements,
      @ForAll @IntRange(min = 2, max = 5) int parts,
      @ForAll @IntRange(min = 1, max = 6) int count,
      @ForAll @LongRange(min = 0, max = 1 << 20) long seed) {
    Random random = new Random(seed);
    long[] bytes = random.longs(elements, 0, 30).toArray();
    double[] work = random.ints(elements, 0, 5).asDoubleStream().toArray();
    double least = random.nextInt(6);

    List<Plan> found = new CutPlanner(bytes, work).best(parts, least, count);

    List<Long> all = new ArrayList<>();
    for (int mask = 0; mask < 1 << elements; mask += 2) {
      if (Integer.bitCount(mask) == parts - 1 && allow(mask, work, least)) {
        all.add(bytes(mask, bytes));
      }
    }
    assertThat(found.stream().map(Plan::bytes).toList())
        .isEqualTo(all.stream().sorted().limit(count).toList());
    assertThat(found.stream().map(Plan::places)).doesNotHaveDuplicates();
    for (Plan plan : found) {
      int mask = plan.places().stream().mapToInt(p -> 1 << p).sum();
      assertThat(bytes(mask, bytes)).isEqualTo(plan.bytes());
      assertThat(allow(mask, work, least)).isTrue();
    }
  }

  private static boolean allow(int mask, double[] work, double least) {
    double part = 0;
    for (int i = 0; i < work.length; i++) {
      if ((mask >> i & 1) == 1) {
        if (part < least) {
          return false;
        }
        part = 0;
      }
      part += work[i];
    }
    return part >= least;
  }

  private static long bytes(int mask, long[] bytes) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += (mask >> i & 1) == 1 ? bytes[i] : 0;
    }
    return sum;
  }

  private static Plan plan(long bytes, Integer... places) {
    return new Plan(List.of(places), bytes);
  }
}
