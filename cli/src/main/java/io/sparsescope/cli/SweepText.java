package io.sparsescope.cli;

import io.sparsescope.experiments.train.sweep.SweepListener;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalLong;

/** A sweep for people: how it goes, and what came of it. */
final class SweepText {
  private SweepText() {}

  /** Tells evaluations in lines, steps in a bar. */
  static SweepListener listener(PrintWriter to, ProgressLine progress) {
    return new SweepListener() {
      @Override
      public void step(long done, long all) {
        progress.report(done, OptionalLong.of(all));
      }

      @Override
      public void evaluated(double value, long step, double accuracy) {
        line("threshold %s: step %d, accuracy %.2f %%", value, step, 100 * accuracy);
      }

      @Override
      public void kept(double value) {
        line("threshold %s: finished before", value);
      }

      @Override
      public void notice(double value, String text) {
        line("threshold %s: %s", value, text);
      }

      private void line(String format, Object... arguments) {
        to.println(String.format(Locale.ROOT, format, arguments));
        to.flush();
      }
    };
  }

  /** The paper's figure 2 as a table. */
  static void print(SweepResult result, PrintWriter to) {
    Table table = new Table("threshold", "accuracy", "relative", "gradient sparsity");
    for (SweepRun run : result.runs()) {
      table.row(
          String.valueOf(run.value()),
          percent(run.accuracy()),
          percent(run.relativeAccuracy()),
          percent(run.gradientSparsity()));
    }
    table.print(to);
  }

  private static String percent(Double share) {
    return share == null ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
