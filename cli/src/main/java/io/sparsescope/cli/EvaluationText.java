package io.sparsescope.cli;

import io.sparsescope.experiments.evaluate.Evaluation;
import io.sparsescope.experiments.evaluate.Interval;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** An evaluation for people and for programs. */
final class EvaluationText {
  private EvaluationText() {}

  static void print(Evaluation evaluation, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s, output %s, %,d records%n",
        evaluation.model(),
        evaluation.output(),
        evaluation.records());
    Table table = new Table("metric", "score", "right", "95 % interval", "dense", "relative");
    for (Evaluation.Result result : evaluation.results()) {
      boolean share = result.interval().isPresent();
      table.row(
          result.metric(),
          share ? percent(result.mean()) : number(result.mean()),
          share ? String.format(Locale.ROOT, "%,d", Math.round(result.sum())) : "-",
          result.interval().map(EvaluationText::interval).orElse("-"),
          result.dense().isEmpty()
              ? "-"
              : share
                  ? percent(result.dense().getAsDouble())
                  : number(result.dense().getAsDouble()),
          result.relative().isEmpty() ? "-" : number(result.relative().getAsDouble()));
    }
    table.print(out);
    evaluation.notices().forEach(notice -> out.println("note: " + notice));
  }

  private static String interval(Interval interval) {
    return percent(interval.low()) + " to " + percent(interval.high());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }

  /** Numbers that JSON does not know (infinities) become null. */
  static Map<String, Object> json(Evaluation evaluation) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("format", "sparsescope-evaluation");
    json.put("version", 1);
    json.put("model", evaluation.model());
    json.put("output", evaluation.output());
    json.put("records", evaluation.records());
    List<Map<String, Object>> results =
        evaluation.results().stream().map(EvaluationText::json).toList();
    json.put("results", results);
    json.put("notices", evaluation.notices());
    return json;
  }

  private static Map<String, Object> json(Evaluation.Result result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("metric", result.metric());
    json.put("sum", finite(OptionalDouble.of(result.sum())));
    json.put("mean", finite(OptionalDouble.of(result.mean())));
    result.interval().ifPresent(i -> json.put("interval95", List.of(i.low(), i.high())));
    if (result.dense().isPresent()) {
      json.put("dense", finite(result.dense()));
      json.put("relative", finite(result.relative()));
    }
    return json;
  }

  private static Double finite(OptionalDouble value) {
    return value.isPresent() && Double.isFinite(value.getAsDouble()) ? value.getAsDouble() : null;
  }
}
