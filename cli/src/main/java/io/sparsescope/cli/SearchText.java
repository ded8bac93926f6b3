package io.sparsescope.cli;

import io.sparsescope.experiments.evaluate.Interval;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.search.SearchSpace;
import io.sparsescope.experiments.search.Validation;
import java.io.PrintWriter;
import java.util.Locale;

/** A search result for people. */
final class SearchText {
  private SearchText() {}

  static void print(PrintWriter to, SearchResult result) {
    boolean repaired =
        result.layers().stream().anyMatch(layer -> layer.threshold() != layer.thresholdAlone());
    Table table =
        repaired
            ? new Table(result.by(), "threshold", "alone", "before", "after", "accuracy alone")
            : new Table(result.by(), "threshold", "before", "after", "accuracy alone");
    for (LayerResult layer : result.layers()) {
      String threshold = threshold(layer.threshold());
      String before = share(layer.denseSparsity());
      String after = share(layer.sparsity());
      String alone = score(layer.accuracyAlone());
      if (repaired) {
        table.row(
            layer.layer(), threshold, threshold(layer.thresholdAlone()), before, after, alone);
      } else {
        table.row(layer.layer(), threshold, before, after, alone);
      }
    }
    String before = share(result.total().denseSparsity());
    String after = share(result.total().sparsity());
    if (repaired) {
      table.row("total", "", "", before, after, "");
    } else {
      table.row("total", "", before, after, "");
    }
    table.print(to);
    for (SearchSpace.Skipped skipped : result.skipped()) {
      String tensor = skipped.tensor().isEmpty() ? "" : " (" + skipped.tensor() + ")";
      to.println("no threshold: " + skipped.layer() + tensor + ": " + skipped.reason());
    }
    to.println(
        result.metric()
            + " over "
            + result.samples()
            + " records: dense "
            + score(result.baselineAccuracy())
            + ", all thresholds at once "
            + score(result.accuracy())
            + relative(result.relativeAccuracy())
            + (result.holds() ? "" : ": less than the tolerance allows; see --joint repair"));
    if (result.validation() != null) {
      print(to, result.metric(), result.validation());
    }
    result.notices().forEach(notice -> to.println("note: " + notice));
  }

  private static void print(PrintWriter to, String metric, Validation validation) {
    to.println(
        metric
            + " over "
            + validation.samples()
            + " other records: dense "
            + score(validation.baselineAccuracy())
            + interval(validation.baselineInterval())
            + ", all thresholds at once "
            + score(validation.accuracy())
            + interval(validation.interval())
            + relative(validation.relativeAccuracy()));
  }

  private static String threshold(double threshold) {
    return threshold == 0 ? "-" : String.format(Locale.ROOT, "%.6g", threshold);
  }

  private static String share(Double share) {
    return share == null ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String score(double score) {
    return String.format(Locale.ROOT, "%.4f", score);
  }

  private static String interval(Interval interval) {
    return interval == null
        ? ""
        : String.format(Locale.ROOT, " (95 %%: %.4f to %.4f)", interval.low(), interval.high());
  }

  private static String relative(Double relative) {
    return relative == null ? "" : String.format(Locale.ROOT, ", %.2f %% of it", 100 * relative);
  }
}
