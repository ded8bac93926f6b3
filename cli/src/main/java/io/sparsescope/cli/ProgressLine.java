package io.sparsescope.cli;

import java.time.Duration;
import java.util.OptionalLong;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on stderr, where that is a terminal, for work that takes over two seconds. */
final class ProgressLine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final String task;
  private final boolean terminal = Boolean.getBoolean("sparsescope.terminal");
  private final long start = System.nanoTime();
  private ProgressBar bar;

  ProgressLine(String task) {
    this.task = task;
  }

  void report(long done, OptionalLong total) {
    if (bar == null && terminal && System.nanoTime() - start > PATIENCE.toNanos()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total.orElse(-1))
              .setStyle(ProgressBarStyle.ASCII)
              .build();
    }
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
