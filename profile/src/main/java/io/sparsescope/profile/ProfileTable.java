package io.sparsescope.profile;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A profile as text for people. The same profile and width give the same text. */
public final class ProfileTable {
  private static final String INDENT = "  ";
  private static final String NOT_MEASURED = "-";

  private final int width;
  private final StringBuilder out = new StringBuilder();

  private ProfileTable(int width) {
    this.width = width;
  }

  /**
   * A heading a model, its taps, weights, blocks and total, what was skipped, and at the end what
   * failed. Lines end in {@code \n}.
   *
   * @param width columns to fit into; names are shortened to that end, but not below 12 characters
   */
  public static String render(Profile profile, int width) {
    ProfileTable table = new ProfileTable(width);
    for (ModelProfile model : profile.models()) {
      table.model(model);
    }
    if (profile.models().isEmpty()) {
      table.line("no model was run");
    }
    table.agent(profile.agent());
    return table.out.toString();
  }

  private void model(ModelProfile model) {
    if (!out.isEmpty()) {
      out.append('\n');
    }
    line(
        model.name()
            + (model.arm().isEmpty() ? "" : ", arm " + model.arm())
            + ": "
            + quantity(model.sessions(), "session")
            + ", "
            + quantity(model.runs(), "run")
            + ", "
            + model.sampledRuns()
            + " counted");
    taps("tensor", model.runTaps(), names(model.runTaps()));
    taps("weight", model.weights(), weightNames(model.weights()));
    blocks(model);
    thresholds(model.thresholds());
    transforms(model.transforms());
    difference(model.difference());
    if (!model.skipped().isEmpty()) {
      line(INDENT + "not counted");
      for (SkippedTap skipped : model.skipped()) {
        String what = skipped.node().isEmpty() ? skipped.tensor() : skipped.node();
        String reason = ": " + skipped.reason();
        line(INDENT + INDENT + shorten(what, width - 4 - reason.length()) + reason);
      }
    }
  }

  private void agent(AgentInfo agent) {
    if (agent.failures() > 0) {
      line(quantity(agent.failures(), "failure"));
      agent.failureMessages().forEach(message -> line(INDENT + message));
    }
    if (!agent.note().isEmpty()) {
      line("note: " + agent.note());
    }
  }

  /** A layer's name where one tensor alone stands for the layer, else the node's. */
  private static List<String> names(List<TapProfile> taps) {
    Map<String, Integer> inLayer = new HashMap<>();
    taps.forEach(tap -> inLayer.merge(tap.layer(), 1, Integer::sum));
    List<String> names = new ArrayList<>();
    for (TapProfile tap : taps) {
      boolean alone = !tap.layer().isEmpty() && inLayer.get(tap.layer()) == 1;
      String name = alone ? tap.layer() : tap.node();
      names.add(name.isEmpty() ? tap.tensor() : name);
    }
    return names;
  }

  /** The tensor's name, and the layer's where several read it. */
  private static List<String> weightNames(List<TapProfile> weights) {
    Map<String, Integer> readers = new HashMap<>();
    weights.forEach(w -> readers.merge(w.tensor(), 1, Integer::sum));
    return weights.stream()
        .map(w -> readers.get(w.tensor()) == 1 ? w.tensor() : w.tensor() + " in " + w.layer())
        .toList();
  }

  private void taps(String heading, List<TapProfile> taps, List<String> names) {
    if (taps.isEmpty()) {
      return;
    }
    boolean spread = taps.stream().anyMatch(tap -> tap.runs() > 1);
    boolean nan = taps.stream().anyMatch(tap -> tap.nan() > 0 || tap.nanRuns() > 0);
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        row(
            spread,
            nan,
            heading,
            "op",
            "type",
            "runs",
            "elements",
            "zeros",
            "sparsity",
            "min..max",
            "NaN"));
    for (int i = 0; i < taps.size(); i++) {
      TapProfile tap = taps.get(i);
      rows.add(
          row(
              spread,
              nan,
              names.get(i),
              tap.op(),
              tap.type(),
              Long.toString(tap.runs()),
              Long.toString(tap.elements()),
              Long.toString(tap.zeros()),
              percent(tap.sparsity()),
              tap.perRun() == null
                  ? NOT_MEASURED
                  : number(tap.perRun().min()) + ".." + percent(tap.perRun().max()),
              nan(tap)));
    }
    grid(rows, 3);
  }

  private static String nan(TapProfile tap) {
    return tap.nanRuns() == 0
        ? Long.toString(tap.nan())
        : tap.nan() + " (" + quantity(tap.nanRuns(), "run") + " not counted)";
  }

  private static List<String> row(boolean spread, boolean nan, String... cells) {
    List<String> row = new ArrayList<>(List.of(cells));
    if (!nan) {
      row.remove(8);
    }
    if (!spread) {
      row.remove(7);
    }
    return row;
  }

  private void blocks(ModelProfile model) {
    boolean weights = model.total().weightElements() > 0;
    if (model.blocks().isEmpty() && !weights) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("block", "activation", "weights"));
    for (BlockProfile block : model.blocks()) {
      rows.add(
          List.of(
              block.block(), percent(block.activationSparsity()), percent(block.weightSparsity())));
    }
    if (weights) {
      rows.add(List.of("total", "", percent(model.total().weightSparsity())));
    }
    grid(rows, 1);
  }

  private void thresholds(List<AppliedThreshold> thresholds) {
    if (thresholds.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("threshold on", "kind", "zero if |x|"));
    for (AppliedThreshold threshold : thresholds) {
      String compare = threshold.compare().equals("le") ? "<= " : "< ";
      rows.add(
          List.of(
              threshold.tensor(),
              threshold.kind().label(),
              compare + significant(threshold.threshold())));
    }
    grid(rows, 3);
  }

  private void transforms(List<AppliedTransform> transforms) {
    if (transforms.isEmpty()) {
      return;
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("transform on", "kind", "transform"));
    transforms.forEach(t -> rows.add(List.of(t.tensor(), t.kind().label(), t.transform())));
    grid(rows, 3);
  }

  private void difference(OutputDifference difference) {
    if (difference == null) {
      return;
    }
    line(INDENT + "outputs against the untouched model's");
    grid(
        List.of(
            List.of("runs compared", "max abs", "min cosine", "mean cosine", "same top-1"),
            List.of(
                Long.toString(difference.runs()),
                significant(difference.maxAbs()),
                cosine(difference.minCosine()),
                cosine(difference.meanCosine()),
                difference.rows() == 0
                    ? NOT_MEASURED
                    : percent(difference.top1Agreement()) + " of " + difference.rows())),
        0);
  }

  /** Rows of cells; the first {@code left} columns are aligned to the left, the first one gives. */
  private void grid(List<List<String>> rows, int left) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    int others = INDENT.length();
    for (int i = 1; i < columns; i++) {
      others += INDENT.length() + widths[i];
    }
    widths[0] = Math.min(widths[0], Math.max(12, width - others));
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = i == 0 ? shorten(row.get(0), widths[0]) : row.get(i);
        String space = " ".repeat(widths[i] - cell.length());
        line.append(INDENT).append(i < left ? cell + space : space + cell);
      }
      line(line.toString());
    }
  }

  private void line(String text) {
    out.append(text.stripTrailing()).append('\n');
  }

  /** Leaves the beginning and the end, which tell names apart. */
  static String shorten(String name, int length) {
    int room = Math.max(12, length);
    if (name.length() <= room) {
      return name;
    }
    int tail = room / 2;
    return name.substring(0, room - tail - 1) + "…" + name.substring(name.length() - tail);
  }

  private static String quantity(long n, String unit) {
    return n + " " + unit + (n == 1 ? "" : "s");
  }

  private static String percent(Double share) {
    return share == null ? NOT_MEASURED : number(share) + "%";
  }

  private static String significant(double value) {
    if (!Double.isFinite(value)) {
      return "infinite";
    }
    return value == 0
        ? "0"
        : new BigDecimal(value)
            .round(new MathContext(6))
            .stripTrailingZeros()
            .toString()
            .replace("E", "e");
  }

  /** Never 1.000000 for what is not quite so. */
  private static String cosine(double cosine) {
    String text = String.format(Locale.ROOT, "%.6f", cosine);
    return text.equals("1.000000") && cosine < 1 ? "0.999999" : text;
  }

  /** In percent, and never 0.00 or 100.00 for what is not quite so. */
  private static String number(double share) {
    String text = String.format(Locale.ROOT, "%.2f", 100 * share);
    if (text.equals("0.00") && share > 0) {
      return "0.01";
    }
    return text.equals("100.00") && share < 1 ? "99.99" : text;
  }
}
