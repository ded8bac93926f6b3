package io.sparsescope.experiments.page;

import io.sparsescope.experiments.report.PaperNet;
import io.sparsescope.experiments.report.ReportTable;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.profile.ModelProfile;
import java.util.List;
import java.util.Map;

/**
 * What the page's scripts are given, as JSON.
 *
 * @param title of the page
 * @param files what it was made of
 * @param findings a sentence each
 * @param tables in the paper's layout
 * @param profiles a model of a profile each
 * @param searches search results
 * @param series training series
 * @param sweeps sweeps
 * @param graphs of models, or of profiles whose model is not at hand
 */
record PageData(
    String title,
    List<Source> files,
    List<PageFinding> findings,
    List<Table> tables,
    List<Profiled> profiles,
    List<Searched> searches,
    List<Trained> series,
    List<Swept> sweeps,
    List<Drawn> graphs) {

  /**
   * A file.
   *
   * @param name as it was given
   * @param what profile, search result, training series or sweep
   */
  record Source(String name, String what) {}

  /**
   * A table in the paper's layout.
   *
   * @param caption above it
   * @param head of the column of names
   * @param columns titles of the others
   * @param rows as they are in the report
   */
  record Table(String caption, String head, List<String> columns, List<ReportTable.Row> rows) {
    static Table of(ReportTable table) {
      List<String> columns =
          table.columns().stream()
              .map(c -> c.label().isEmpty() ? c.group() : c.group() + " " + c.label())
              .toList();
      return new Table(table.caption(), table.head(), columns, table.rows());
    }
  }

  /**
   * A model of a profile.
   *
   * @param label tells it from others
   * @param patterns by layer, for rule files
   * @param paper the paper's values, null if the model is none of its nets
   */
  record Profiled(String label, ModelProfile model, Map<String, String> patterns, Paper paper) {}

  /**
   * What the paper measured on a net.
   *
   * @param source where in the paper
   * @param note what a reader should know who compares, "" if nothing
   * @param points a value each
   */
  record Paper(String source, String note, List<Point> points) {
    Paper {
      points = List.copyOf(points);
    }
  }

  /**
   * A value of the paper.
   *
   * @param layer the page's layer that it stands beside
   * @param kind activation or weight
   * @param label what the net was trained with: L2 or L1
   * @param value the sparsity
   */
  record Point(String layer, String kind, String label, double value) {}

  /**
   * A search result.
   *
   * @param label tells it from others
   * @param paper the paper's values, null if the model is none of its nets
   */
  record Searched(String label, SearchResult result, Paper paper) {}

  /**
   * A training series, thinned to what can be seen.
   *
   * @param label tells it from others
   * @param counted how many steps were counted; the page has every n-th of them
   * @param every that n
   * @param sparsity of gradients, by layer
   * @param total of all gradients
   */
  record Trained(
      String label,
      String net,
      Map<String, String> options,
      int counted,
      int every,
      long[] steps,
      double[] loss,
      double[] total,
      Map<String, double[]> sparsity,
      long[] accuracySteps,
      double[] accuracy,
      Double baselineAccuracy,
      Double finalSparsity) {}

  /**
   * A sweep.
   *
   * @param label tells it from others
   * @param paper what the paper has, none if the net is none of its nets
   */
  record Swept(String label, SweepResult result, List<PaperNet.Gradients> paper) {}

  /** A graph and its best cuts. */
  record Drawn(LayerGraph graph, List<LayerGraph.Cuts> cuts) {}

  PageData {
    files = List.copyOf(files);
    findings = List.copyOf(findings);
    tables = List.copyOf(tables);
    profiles = List.copyOf(profiles);
    searches = List.copyOf(searches);
    series = List.copyOf(series);
    sweeps = List.copyOf(sweeps);
    graphs = List.copyOf(graphs);
  }
}
