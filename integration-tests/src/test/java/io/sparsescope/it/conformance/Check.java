package io.sparsescope.it.conformance;

import ai.onnxruntime.OrtException;
import io.sparsescope.it.conformance.Value.Numbers;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Tap;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.CountMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Tries one model after another and tells the report. One for each thread. */
final class Check {
  static final double TOLERANCE = 1e-5;

  private static final Rules NO_MATCH =
      new Rules(List.of(), List.of(), List.of("no/such/node"), Map.of());
  private static final Rules LAYER_TAPS =
      new Rules(List.of(), List.of(), List.of("layer:*"), Map.of());
  private static final ThresholdRule ZERO_EVERYWHERE =
      new ThresholdRule("**", 0, false, false, false);
  private static final Rules EVERYTHING =
      new Rules(List.of(ZERO_EVERYWHERE), List.of(ZERO_EVERYWHERE), List.of("**"), Map.of());

  private final ConformanceReport report;
  private final Path folder;

  /**
   * @param folder for files of this thread
   */
  Check(ConformanceReport report, Path folder) {
    this.report = report;
    this.folder = folder;
  }

  void tryCase(Case c) {
    report.add("models", 1);
    try {
      Case.Data data = c.load();
      Map<String, Value> plain = plainRun(c, data);
      if (plain != null) {
        report.add("models that plain ONNX Runtime loads and passes", 1);
        if (noMatchChangesNothing(c, data, plain)) {
          // As the agent counts, and as rewritten files do.
          compare(c, data, plain, LAYER_TAPS, CountMode.FAST, "layer taps");
          compare(c, data, plain, EVERYTHING, CountMode.EXACT, "all taps and thresholds");
        }
      }
    } catch (Unsupported e) {
      report.because("skipped", e.getMessage());
    } catch (OnnxException | RewriteException | IOException | OrtException e) {
      report.fail(c.name(), e.toString());
    }
  }

  /** The untouched model's outputs; null if ONNX Runtime cannot run it or the suite disagrees. */
  private Map<String, Value> plainRun(Case c, Case.Data data) throws Unsupported {
    Map<String, Value> plain;
    try {
      plain = Ort.run(c.model(), data.inputs(), folder.resolve("plain.onnx"));
    } catch (OrtException e) {
      report.because("skipped", "plain ONNX Runtime: " + kind(e.getMessage()));
      return null;
    }
    report.add("models that plain ONNX Runtime loads", 1);
    for (Map.Entry<String, Value> expected : data.expected().entrySet()) {
      if (!Difference.within(expected.getValue(), plain.get(expected.getKey()))) {
        report.because("skipped", "plain ONNX Runtime's result is not the suite's");
        return null;
      }
    }
    return plain;
  }

  /** Also finds the models that compute something else at each run, which cannot be compared. */
  private boolean noMatchChangesNothing(Case c, Case.Data data, Map<String, Value> plain)
      throws IOException, OrtException, Unsupported {
    Path copy = folder.resolve("no-match.onnx");
    try (ModelFile model = ModelFile.open(c.model())) {
      Rewrite rewrite = new Rewriter(NO_MATCH, true, true).plan(model);
      rewrite.edit().check();
      rewrite.edit().writeTo(copy);
    }
    if (Files.mismatch(c.model(), copy) != -1) {
      report.fail(c.name(), "no rule matches, yet the file changed");
    }
    report.add("files byte-identical where no rule matches", 1);
    Map<String, Value> again = Ort.run(copy, data.inputs(), null);
    if (worstDifference(plain, again) > 0) {
      report.because("skipped", "computes something else at each run");
      return false;
    }
    return true;
  }

  private void compare(
      Case c, Case.Data data, Map<String, Value> plain, Rules rules, CountMode mode, String variant)
      throws IOException, OrtException, Unsupported {
    Path rewritten = folder.resolve("rewritten.onnx");
    Rewrite rewrite;
    try (ModelFile model = ModelFile.open(c.model())) {
      rewrite = new Rewriter(rules, true, true, mode).plan(model);
      rewrite.edit().check();
      rewrite.edit().writeTo(rewritten);
    }
    rewrite
        .skipped()
        .forEach(
            skip ->
                report.because(
                    "not done, " + variant, skip.reason().replaceAll(" of node .*", "")));
    report.add(variant + ": models", 1);
    report.add(variant + ": models with taps", rewrite.taps().isEmpty() ? 0 : 1);
    report.add(variant + ": thresholds", rewrite.thresholds().size());
    Map<String, Value> outputs = Ort.run(rewritten, data.inputs(), folder.resolve("tapped.onnx"));
    compareOutputs(c, plain, outputs, variant);
    compareTaps(c, data, rewrite, outputs, variant);
  }

  private void compareOutputs(
      Case c, Map<String, Value> plain, Map<String, Value> outputs, String variant)
      throws IOException {
    List<String> names = new ArrayList<>(outputs.keySet()).subList(0, plain.size());
    if (!names.equals(List.copyOf(plain.keySet()))) {
      report.fail(c.name(), variant + ": outputs are " + names + ", not " + plain.keySet());
      return;
    }
    Operators optimized = Operators.of(folder.resolve("plain.onnx"));
    List<String> lost = optimized.lostIn(Operators.of(folder.resolve("tapped.onnx")));
    lost.forEach(fusion -> report.because("models that lost a fusion, " + variant, fusion));
    double difference = worstDifference(plain, outputs);
    report.difference(c.name() + ", " + variant, difference);
    if (difference == 0) {
      report.add(variant + ": models with bit-identical outputs", 1);
    } else if (difference <= TOLERANCE && !lost.isEmpty()) {
      report.add(variant + ": models within 1e-5 that lost a fusion", 1);
      report.because(
          "differ, " + variant, "%s by %.2g, lost %s".formatted(c.name(), difference, lost));
    } else {
      report.fail(
          c.name(), "%s: differs by %.3g; fusions lost: %s".formatted(variant, difference, lost));
    }
  }

  private void compareTaps(
      Case c, Case.Data data, Rewrite rewrite, Map<String, Value> outputs, String variant)
      throws IOException, OrtException, Unsupported {
    if (rewrite.taps().isEmpty()) {
      return;
    }
    Path reference = folder.resolve("reference.onnx");
    Reference.write(
        c.model(), rewrite.taps().stream().map(Tap::tensor).collect(Collectors.toSet()), reference);
    Map<String, Value> raw = Ort.run(reference, data.inputs(), null);
    for (Tap tap : rewrite.taps()) {
      if (!(raw.get(tap.tensor()) instanceof Numbers numbers)) {
        report.fail(c.name(), variant + ": tap on " + tap.tensor() + ", which is no tensor");
        continue;
      }
      Counts expected = NaiveCount.of(numbers, tap.zeroPoint());
      Counts actual = counts(tap, outputs);
      report.add(
          variant + ": taps compared, counted in " + (tap.countedInGraph() ? "graph" : "Java"), 1);
      report.add(variant + ": elements compared", expected.elements());
      if (!expected.equals(actual)) {
        report.fail(
            c.name(),
            "%s: tap on %s (%s, %s) counts %s, not %s"
                .formatted(variant, tap.tensor(), tap.op(), tap.type(), actual, expected));
      }
    }
  }

  private static Counts counts(Tap tap, Map<String, Value> outputs) {
    if (tap.countedInGraph()) {
      ByteBuffer rows = bytes((Numbers) outputs.get(Rewrite.COUNTS));
      int at = tap.row() * 3 * Long.BYTES;
      return new Counts(
          rows.getLong(at), rows.getLong(at + Long.BYTES), rows.getLong(at + 2 * Long.BYTES));
    }
    Numbers raw = (Numbers) outputs.get(tap.output());
    return ZeroCounter.of(raw.type().label()).count(bytes(raw), tap.zeroPoint());
  }

  private static ByteBuffer bytes(Numbers numbers) {
    return numbers.raw().duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static double worstDifference(Map<String, Value> expected, Map<String, Value> actual) {
    double worst = 0;
    for (Map.Entry<String, Value> entry : expected.entrySet()) {
      worst = Math.max(worst, Difference.relative(entry.getValue(), actual.get(entry.getKey())));
    }
    return worst;
  }

  /** An ONNX Runtime message without the names and numbers that differ from model to model. */
  private static String kind(String message) {
    String text = message.lines().findFirst().orElse("");
    int start = text.indexOf("message: ");
    text = start < 0 ? text : text.substring(start + "message: ".length());
    text = text.replaceAll("[^ ]*/[^ ]*", "…").replaceAll("'[^']*'|\\([^()]*\\)|\\d+", "…");
    return text.length() <= 110 ? text : text.substring(0, 110);
  }
}
