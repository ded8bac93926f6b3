package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.train.series.DoubleSeries;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Lays trainings out as the paper's figures: 2 ({@link #sweeps}: a row a threshold) and 3 to 7
 * ({@link #series}: a row a step).
 */
public final class TrainingTables {
  private TrainingTables() {}

  /** A sweep and what its columns are called. */
  private record Named(String label, SweepResult sweep) {}

  /**
   * Accuracy relative to that without threshold, and gradient sparsity near the end, against the
   * threshold; sweeps side by side.
   *
   * @param files sweeps, at least one
   * @param paper whether what the paper tells of its nets stands beside
   * @throws io.sparsescope.experiments.ExperimentException if one is damaged
   */
  public static ReportTable sweeps(List<ReportFile> files, boolean paper) {
    List<Named> named =
        files.stream().map(f -> new Named(label(f, f.sweep().net()), f.sweep())).toList();
    List<PaperNet> papers =
        paper
            ? named.stream().flatMap(n -> PaperNet.of(n.sweep()).stream()).distinct().toList()
            : List.of();
    List<ReportTable.Column> columns = new ArrayList<>();
    named.forEach(n -> columns.add(new ReportTable.Column("relative accuracy", n.label())));
    papers.forEach(
        p ->
            columns.add(new ReportTable.Column("relative accuracy", PaperTables.PAPER + p.name())));
    named.forEach(n -> columns.add(new ReportTable.Column("gradient sparsity", n.label())));
    TreeSet<Double> values = new TreeSet<>();
    named.forEach(n -> n.sweep().runs().forEach(run -> values.add(run.value())));
    papers.forEach(p -> p.thresholds().forEach(known -> values.add(known.threshold())));
    List<ReportTable.Row> rows = new ArrayList<>();
    for (double value : values) {
      List<Double> row = new ArrayList<>();
      named.forEach(n -> row.add(of(n.sweep(), value, SweepRun::relativeAccuracy)));
      papers.forEach(p -> row.add(of(p, value)));
      named.forEach(n -> row.add(of(n.sweep(), value, SweepRun::gradientSparsity)));
      rows.add(new ReportTable.Row(number(value), row));
    }
    return new ReportTable(
        "Accuracy relative to training without threshold, and total gradient sparsity near the end"
            + " of training, by the threshold on all gradients."
            + papers.stream().map(TrainingTables::about).collect(Collectors.joining()),
        "",
        "threshold",
        columns,
        rows);
  }

  private static Double of(PaperNet paper, double threshold) {
    return paper.thresholds().stream()
        .filter(known -> known.threshold() == threshold)
        .findFirst()
        .map(PaperNet.Gradients::relativeAccuracy)
        .orElse(null);
  }

  /** What has no place in the table. */
  private static String about(PaperNet paper) {
    String where = " The paper's " + paper.name() + " was trained on " + paper.data() + ".";
    return paper.gradients().stream()
        .filter(known -> known.gradientSparsity() != null)
        .map(
            known ->
                String.format(
                    Locale.ROOT,
                    " It kept %.0f %% with %.0f %% of its gradients zero.",
                    100 * known.relativeAccuracy(),
                    100 * known.gradientSparsity()))
        .collect(Collectors.joining("", where, ""));
  }

  private static Double of(SweepResult sweep, double value, Function<SweepRun, Double> what) {
    return sweep.runs().stream()
        .filter(run -> run.value() == value)
        .findFirst()
        .map(what)
        .orElse(null);
  }

  /**
   * Gradient sparsity of each layer or block and in total over the steps of a training.
   *
   * @param file a training series
   * @param by what has a column
   * @param most rows at most; the counted steps that are shown lie evenly, the last among them
   * @throws io.sparsescope.experiments.ExperimentException if it is damaged
   */
  public static ReportTable series(ReportFile file, By by, int most) {
    TrainingSeries series = file.series();
    Map<String, DoubleSeries> shown =
        new LinkedHashMap<>(by == By.BLOCK ? series.blockSparsity() : series.gradientSparsity());
    String net = label(file, series.net());
    List<ReportTable.Column> columns = new ArrayList<>();
    shown.keySet().forEach(name -> columns.add(new ReportTable.Column(name, "")));
    columns.add(new ReportTable.Column("total", ""));
    List<DoubleSeries> all = new ArrayList<>(shown.values());
    all.add(series.total());
    List<ReportTable.Row> rows = new ArrayList<>();
    int steps = series.steps().size();
    int count = Math.min(most, steps);
    for (int i = 1; i <= count; i++) {
      int at = (int) ((long) i * steps / count) - 1;
      rows.add(
          new ReportTable.Row(
              Long.toString(series.steps().get(at)), all.stream().map(s -> s.get(at)).toList()));
    }
    String head = by == By.BLOCK ? "block" : "layer";
    String caption =
        net + ": gradient sparsity by " + head + " over the steps of training." + accuracy(series);
    return new ReportTable(caption, net, "step", columns, rows);
  }

  private static String accuracy(TrainingSeries series) {
    return series.finalAccuracy() == null
        ? ""
        : String.format(
            Locale.ROOT, " Accuracy at the end: %.2f %%.", 100 * series.finalAccuracy());
  }

  private static String label(ReportFile file, String net) {
    if (!file.labelled()) {
      return net;
    }
    return file.net().isEmpty() ? file.variant() : file.net() + "/" + file.variant();
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.valueOf(value);
  }
}
