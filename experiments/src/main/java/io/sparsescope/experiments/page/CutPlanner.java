package io.sparsescope.experiments.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Cuts a sequence into parts, each for a machine of its own, so that the fewest bytes cross the
 * cuts (the paper's advice for model parallelism). Exact: every way to place the cuts that leaves
 * each part its least work is as good as looked at.
 *
 * @param bytes what crosses a cut before the element of that place; at 0, where none can be, unused
 * @param work of each element, 0 or more; the number of elements is that of {@code bytes}
 */
record CutPlanner(long[] bytes, double[] work) {

  /**
   * A way to cut.
   *
   * @param places the elements before which the cuts lie, rising
   * @param bytes what crosses all cuts together
   */
  record Plan(List<Integer> places, long bytes) {
    Plan {
      places = List.copyOf(places);
    }
  }

  /** Cuts up to one before {@code place}, and what led there. */
  private record Step(int place, long bytes, Step before) {
    Plan plan() {
      List<Integer> places = new ArrayList<>();
      for (Step step = this; step.before != null; step = step.before) {
        places.add(0, step.place);
      }
      return new Plan(places, bytes);
    }
  }

  CutPlanner {
    if (bytes.length != work.length) {
      throw new IllegalArgumentException(bytes.length + " places, " + work.length + " elements");
    }
  }

  /**
   * The best ways, those with the fewest bytes first; of equal ones first that whose last cut, then
   * the one before and so on, lies further ahead.
   *
   * @param parts how many parts, 2 or more
   * @param leastWork work that every part has at least
   * @param count how many ways at most; fewer where there are not as many
   */
  List<Plan> best(int parts, double leastWork, int count) {
    int n = work.length;
    double[] before = new double[n + 1];
    for (int i = 0; i < n; i++) {
      before[i + 1] = before[i] + work[i];
    }
    List<List<Step>> steps = new ArrayList<>();
    for (int place = 0; place < n; place++) {
      steps.add(place == 0 ? List.of(new Step(0, 0, null)) : List.of());
    }
    for (int cut = 1; cut < parts; cut++) {
      steps = next(steps, before, leastWork, count);
    }
    List<Step> ends = new ArrayList<>();
    for (int place = 0; place < n; place++) {
      if (before[n] - before[place] >= leastWork) {
        ends = firstOf(ends, steps.get(place), count);
      }
    }
    return ends.stream().map(Step::plan).toList();
  }

  /** Steps with one cut more. What a part may begin with only grows from place to place. */
  private List<List<Step>> next(
      List<List<Step>> steps, double[] before, double leastWork, int count) {
    List<List<Step>> more = new ArrayList<>();
    List<Step> reachable = List.of();
    int from = 0;
    for (int place = 0; place < steps.size(); place++) {
      while (from < place && before[place] - before[from] >= leastWork) {
        reachable = firstOf(reachable, steps.get(from), count);
        from++;
      }
      List<Step> here = new ArrayList<>();
      for (Step step : reachable) {
        here.add(new Step(place, step.bytes + bytes[place], step));
      }
      more.add(here);
    }
    return more;
  }

  private static List<Step> firstOf(List<Step> a, List<Step> b, int count) {
    if (b.isEmpty()) {
      return a;
    }
    List<Step> all = new ArrayList<>(a);
    all.addAll(b);
    all.sort(Comparator.comparingLong(Step::bytes));
    return all.size() > count ? new ArrayList<>(all.subList(0, count)) : all;
  }
}
