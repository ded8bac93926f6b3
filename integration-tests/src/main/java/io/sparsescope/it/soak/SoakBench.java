package io.sparsescope.it.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * {@code sparsescope bench soak [--minutes N] [--threads N] [AGENT OPTIONS]}: prints memory,
 * threads and work over time, what grew, and whether the counts are the program's own.
 */
public final class SoakBench {
  private static final Map<String, ToLongFunction<SoakSample>> QUANTITIES =
      Map.of(
          "resident memory, bytes", SoakSample::rss,
          "heap after collection, bytes", SoakSample::heap,
          "threads", SoakSample::threads);

  private SoakBench() {}

  public static void main(String[] args) throws IOException {
    int minutes = 10;
    int threads = 8;
    List<String> options = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--minutes" -> minutes = Integer.parseInt(args[++i]);
        case "--threads" -> threads = Integer.parseInt(args[++i]);
        default -> options.add(args[i]);
      }
    }
    String agentOptions = String.join(",", options);
    System.out.printf(
        "%d minutes, %d threads, 4 models, -Xmx256m, agent options: %s%n",
        minutes, threads, agentOptions.isEmpty() ? "none" : agentOptions);
    print(Soak.run(agentOptions, minutes * 60, threads, 10));
  }

  private static void print(SoakResult result) {
    System.out.println("  second    RSS MB   heap MB   threads  sessions      runs");
    int every = Math.max(1, result.samples().size() / 12);
    for (int i = every - 1; i < result.samples().size(); i += every) {
      SoakSample sample = result.samples().get(i);
      System.out.printf(
          Locale.ROOT,
          "  %6d %9.1f %9.1f %9d %9d %9d%n",
          sample.second(),
          sample.rss() / 1e6,
          sample.heap() / 1e6,
          sample.threads(),
          sample.sessions(),
          sample.runs());
    }
    QUANTITIES.forEach(
        (name, quantity) -> {
          Growth growth = Growth.of(result.samples(), quantity);
          System.out.printf(
              Locale.ROOT,
              "  %s: %,d in the middle third, %,d in the last: %.3f%n",
              name,
              growth.before(),
              growth.after(),
              growth.ratio());
        });
    System.out.printf(
        "  %,d runs, %,d counted, %,d dropped, %d failures %s%n",
        result.runs(),
        result.sampledRuns(),
        result.drops(),
        result.profile().agent().failures(),
        result.profile().agent().failureMessages());
    if (result.sampledRuns() < result.runs()) {
      System.out.println("  not every run was counted, so the program's own counts say nothing");
    } else if (result.wrongCounts().isEmpty()) {
      System.out.println("  counts equal the program's own");
    } else {
      System.out.println("  counts differ: " + result.wrongCounts());
    }
    result.complaints().forEach(line -> System.out.println("  " + line));
  }
}
