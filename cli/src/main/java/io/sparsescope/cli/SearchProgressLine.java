package io.sparsescope.cli;

import io.sparsescope.experiments.search.SearchProgress;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a search is, on stderr, where that is a terminal, from two seconds on: layers done, the
 * candidates that are alive, the time that is left.
 */
final class SearchProgressLine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int STEPS = 1000;

  private final boolean terminal = Boolean.getBoolean("sparsescope.terminal");
  private final long start = System.nanoTime();
  private ProgressBar bar;

  void report(SearchProgress.Step step) {
    if (bar == null && terminal && System.nanoTime() - start > PATIENCE.toNanos()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("search")
              .setInitialMax(STEPS)
              .setStyle(ProgressBarStyle.ASCII)
              .build();
    }
    if (bar != null) {
      bar.stepTo((long) (step.share() * STEPS));
      bar.setExtraMessage(" " + step.unitsDone() + "/" + step.units() + " done: " + step.doing());
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
