package io.sparsescope.it.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was tried and what came of it; filled by several threads. */
final class ConformanceReport {
  private final Map<String, Long> tallies = new TreeMap<>();
  private final Map<String, Map<String, Long>> reasons = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private double worst;
  private String worstModel = "none";

  synchronized void add(String tally, long count) {
    tallies.merge(tally, count, Long::sum);
  }

  /** Counts one under a heading and a reason, for example under "skipped". */
  synchronized void because(String heading, String reason) {
    reasons.computeIfAbsent(heading, h -> new TreeMap<>()).merge(reason, 1L, Long::sum);
  }

  synchronized void fail(String model, String what) {
    failures.add(model + ": " + what);
  }

  synchronized void difference(String model, double relative) {
    if (relative > worst) {
      worst = relative;
      worstModel = model;
    }
  }

  synchronized long tally(String name) {
    return tallies.getOrDefault(name, 0L);
  }

  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** The report as text, a line a figure. */
  synchronized String text(String title) {
    StringBuilder out = new StringBuilder("=== Conformance: " + title + "\n");
    tallies.forEach((name, count) -> out.append("  %,9d  %s%n".formatted(count, name)));
    reasons.forEach(
        (heading, counts) -> {
          out.append("  ").append(heading).append(":\n");
          counts.forEach((why, n) -> out.append("    %,7d  %s%n".formatted(n, why)));
        });
    out.append("  worst relative difference: %.3g (%s)%n".formatted(worst, worstModel));
    failures.forEach(failure -> out.append("  FAILED ").append(failure).append('\n'));
    return out.toString();
  }
}
