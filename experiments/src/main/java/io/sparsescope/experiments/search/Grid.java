package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The thresholds that are tried.
 *
 * <ul>
 *   <li>{@code linear:FROM:TO:STEPS}: STEPS thresholds at equal distances, both ends included
 *   <li>{@code log:FROM:TO:STEPS}: at equal ratios
 *   <li>{@code pow2:FROM:TO}: FROM, its half, its quarter and so on down to TO or the last above
 *       it. {@code pow2:1:1e-5} is how the paper's authors searched, and the default
 *   <li>{@code quantile:STEPS}: for each unit by itself the magnitudes below which 1/STEPS, 2/STEPS
 *       up to all of its elements lie: those of its weights (all of them, or evenly spaced ones of
 *       more than {@value Magnitudes#MOST}), or of its activation over the first records
 * </ul>
 *
 * @param kind the form
 * @param from the highest threshold; nothing for quantiles
 * @param to the lowest
 * @param steps how many; of pow2 as many as there are
 * @param text as it was written
 */
public record Grid(Kind kind, double from, double to, int steps, String text) {

  /** Forms of grids. */
  public enum Kind {
    LINEAR,
    LOG,
    POW2,
    QUANTILE
  }

  /** The authors' halving. */
  public static final Grid DEFAULT = parse("pow2:1:1e-5");

  private static final int MOST_STEPS = 100_000;

  /**
   * @throws ExperimentException saying what is wrong with the text
   */
  public static Grid parse(String text) {
    String[] parts = text.split(":", -1);
    try {
      return switch (parts[0]) {
        case "linear" -> ends(Kind.LINEAR, text, parts, 4);
        case "log" -> ends(Kind.LOG, text, parts, 4);
        case "pow2" -> ends(Kind.POW2, text, parts, 3);
        case "quantile" -> {
          require(parts.length == 2, text, "write quantile:STEPS");
          yield new Grid(Kind.QUANTILE, 0, 0, steps(text, parts[1]), text);
        }
        default ->
            throw fault(
                text,
                "write linear:FROM:TO:STEPS, log:FROM:TO:STEPS, pow2:FROM:TO or quantile:STEPS");
      };
    } catch (NumberFormatException e) {
      throw new ExperimentException(
          "--grid " + text + ": a part of it is no number; write for example linear:0.01:0.2:20",
          e);
    }
  }

  private static Grid ends(Kind kind, String text, String[] parts, int length) {
    require(
        parts.length == length,
        text,
        "write " + parts[0] + ":FROM:TO" + (length == 4 ? ":STEPS" : ""));
    double a = Double.parseDouble(parts[1]);
    double b = Double.parseDouble(parts[2]);
    double from = Math.max(a, b);
    double to = Math.min(a, b);
    boolean zeroEnd = kind == Kind.LINEAR;
    require(
        (zeroEnd ? to >= 0 : to > 0) && from > 0 && from < Double.POSITIVE_INFINITY,
        text,
        "thresholds are finite and above 0");
    return new Grid(kind, from, to, kind == Kind.POW2 ? 0 : steps(text, parts[3]), text);
  }

  private static int steps(String text, String number) {
    int steps = Integer.parseInt(number);
    require(steps >= 1 && steps <= MOST_STEPS, text, "give 1 to " + MOST_STEPS + " steps");
    return steps;
  }

  private static void require(boolean holds, String text, String remedy) {
    if (!holds) {
      throw fault(text, remedy);
    }
  }

  private static ExperimentException fault(String text, String remedy) {
    return new ExperimentException("--grid " + text + ": " + remedy);
  }

  /** Whether every unit has thresholds of its own. */
  public boolean perUnit() {
    return kind == Kind.QUANTILE;
  }

  /**
   * The thresholds of a grid that is the same for every unit, strictly descending and above 0.
   *
   * @throws IllegalStateException if units have thresholds of their own
   */
  public List<Double> thresholds() {
    if (perUnit()) {
      throw new IllegalStateException(text + " is for each unit by itself");
    }
    return thresholds(null);
  }

  /**
   * The thresholds, strictly descending and above 0.
   *
   * @param magnitudes a unit's magnitudes, for quantiles; else not looked at
   */
  List<Double> thresholds(Magnitudes magnitudes) {
    TreeSet<Double> all = new TreeSet<>();
    switch (kind) {
      case LINEAR -> {
        for (int i = 0; i < steps; i++) {
          all.add(steps == 1 ? from : to + (from - to) * i / (steps - 1));
        }
      }
      case LOG -> {
        for (int i = 0; i < steps; i++) {
          double share = steps == 1 ? 1 : (double) i / (steps - 1);
          boolean end = i == 0 || i == steps - 1;
          all.add(!end ? to * Math.pow(from / to, share) : share == 0 ? to : from);
        }
      }
      case POW2 -> {
        for (double t = from; t >= to && t > 0; t /= 2) {
          all.add(t);
        }
      }
      case QUANTILE -> all.addAll(magnitudes.quantiles(steps));
      default -> throw new AssertionError(kind);
    }
    all.removeIf(t -> !(t > 0));
    return new ArrayList<>(all.descendingSet());
  }

  @Override
  public String toString() {
    return text;
  }
}
