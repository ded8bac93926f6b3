package io.sparsescope.agent.export;

import io.sparsescope.profile.OutputDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What is exported, and where its values come from. Names have words joined by dots; each exporter
 * writes them its own way. Totals are since the start or the last reset.
 */
enum Metric {
  INFO(Kind.INFO, "info", "", "Who counts.", Metric::info),
  FAILURES(
      Kind.COUNT,
      "failures",
      "{failure}",
      "How often something of the agent's failed and the application went on without it.",
      totals -> List.of(new Point(LabelSet.NONE, totals.agent().failures()))),
  SESSIONS(
      Kind.COUNT,
      "sessions",
      "{session}",
      "Sessions created for the model.",
      ofModels(ModelTotals::sessions)),
  RUNS(Kind.COUNT, "runs", "{run}", "Runs, counted or not.", ofModels(ModelTotals::runs)),
  SAMPLED_RUNS(
      Kind.COUNT,
      "sampled.runs",
      "{run}",
      "Runs that were counted.",
      ofModels(ModelTotals::sampledRuns)),
  DROPS(
      Kind.COUNT,
      "drops",
      "{run}",
      "Runs that were to be counted and were not, because the agent was busy.",
      ofModels(totals -> totals.cost().drops())),
  RUN_SECONDS(
      Kind.SECONDS,
      "run",
      "s",
      "Time that the application spent in runs.",
      ofModels(totals -> seconds(totals.cost().runNanos()))),
  OVERHEAD_SECONDS(
      Kind.SECONDS,
      "overhead",
      "s",
      "Time that counting has cost the process.",
      ofModels(totals -> seconds(totals.cost().overheadNanos()))),
  FOLDED_TENSORS(
      Kind.GAUGE,
      "folded.tensors",
      "{tensor}",
      "Tensors that share the series of layer \"" + LiveTotals.OTHER + "\".",
      ofModels(totals -> (double) totals.folded())),
  ELEMENTS(
      Kind.COUNT,
      "elements",
      "{element}",
      "Elements of the tensor in counted runs.",
      ofTaps(totals -> totals.counts().elements())),
  ZEROS(
      Kind.COUNT,
      "zeros",
      "{element}",
      "Elements of the tensor equal to zero in counted runs.",
      ofTaps(totals -> totals.counts().zeros())),
  NAN(
      Kind.COUNT,
      "nan",
      "{element}",
      "Elements of the tensor that are NaN in counted runs.",
      ofTaps(totals -> totals.counts().nan())),
  NAN_RUNS(
      Kind.COUNT,
      "nan.runs",
      "{run}",
      "Runs in which the tensor held NaN and was not counted.",
      ofTaps(TapTotals::nanRuns)),
  SPARSITY(
      Kind.GAUGE,
      "sparsity",
      "",
      "Zeros by elements of the tensor, over all counted runs.",
      ofTaps(
          totals -> totals.counts().elements() == 0 ? null : (Double) totals.counts().sparsity())),
  DRIFT_DISTANCE(
      Kind.GAUGE,
      "drift.distance",
      "",
      "Absolute difference between the tensor's sparsity and the reference's.",
      totals -> points(totals.drift(), distance -> distance)),
  DEAD_CHANNELS(
      Kind.GAUGE,
      "dead.channels",
      "{channel}",
      "Channels of the tensor whose elements were zero in all counted runs.",
      ofTaps(TapTotals::deadChannels)),
  COMPARED_RUNS(
      Kind.COUNT,
      "compared.runs",
      "{run}",
      "Runs of the arm whose outputs were compared with the untouched model's.",
      ofDifferences(OutputDifference::runs)),
  OUTPUT_MAX_ABS(
      Kind.GAUGE,
      "output.difference.max.abs",
      "",
      "Largest absolute difference between the arm's outputs and the untouched model's.",
      ofDifferences(OutputDifference::maxAbs)),
  OUTPUT_MIN_COSINE(
      Kind.GAUGE,
      "output.cosine.min",
      "",
      "Smallest cosine similarity of the arm's outputs and the untouched model's.",
      ofDifferences(OutputDifference::minCosine)),
  OUTPUT_MEAN_COSINE(
      Kind.GAUGE,
      "output.cosine.mean",
      "",
      "Mean cosine similarity of the arm's outputs and the untouched model's.",
      ofDifferences(OutputDifference::meanCosine)),
  COMPARED_ROWS(
      Kind.COUNT,
      "compared.rows",
      "{row}",
      "Rows of outputs whose largest elements were compared.",
      ofDifferences(OutputDifference::rows)),
  AGREEING_ROWS(
      Kind.COUNT,
      "agreeing.rows",
      "{row}",
      "Rows whose largest element is where the untouched model has it.",
      ofDifferences(OutputDifference::agreeing));

  /** How a metric's values are to be read. */
  enum Kind {
    /** Whole numbers that only grow. */
    COUNT,
    /** Seconds that only grow. */
    SECONDS,
    /** May go up and down. */
    GAUGE,
    /** Always 1; its labels tell. */
    INFO
  }

  private final Kind kind;
  private final String words;
  private final String unit;
  private final String help;
  private final Function<LiveTotals, List<Point>> reader;

  Metric(
      Kind kind, String words, String unit, String help, Function<LiveTotals, List<Point>> reader) {
    this.kind = kind;
    this.words = words;
    this.unit = unit;
    this.help = help;
    this.reader = reader;
  }

  Kind kind() {
    return kind;
  }

  /** Its name, without the project's, in words joined by dots; no unit, no suffix. */
  String words() {
    return words;
  }

  /** Its unit as UCUM writes it, in braces for things that are counted, "" for none. */
  String unit() {
    return unit;
  }

  String help() {
    return help;
  }

  /** Its series that have a value, in a stable order. */
  List<Point> points(LiveTotals totals) {
    return reader.apply(totals);
  }

  private static List<Point> info(LiveTotals totals) {
    LabelSet labels =
        LabelSet.NONE
            .and("version", totals.agent().version())
            .and("onnxruntime", totals.agent().onnxruntime());
    return List.of(new Point(labels, 1.0));
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private static Function<LiveTotals, List<Point>> ofModels(Function<ModelTotals, Number> value) {
    return totals -> points(totals.models(), value);
  }

  private static Function<LiveTotals, List<Point>> ofTaps(Function<TapTotals, Number> value) {
    return totals -> points(totals.taps(), value);
  }

  private static Function<LiveTotals, List<Point>> ofDifferences(
      Function<OutputDifference, Number> value) {
    return ofModels(
        totals -> totals.difference() == null ? null : value.apply(totals.difference()));
  }

  private static <T> List<Point> points(Map<LabelSet, T> all, Function<T, Number> value) {
    List<Point> points = new ArrayList<>(all.size());
    all.forEach(
        (labels, totals) -> {
          Number number = value.apply(totals);
          if (number != null) {
            points.add(new Point(labels, number));
          }
        });
    return points;
  }
}
