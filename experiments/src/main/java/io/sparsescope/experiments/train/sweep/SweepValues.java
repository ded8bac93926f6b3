package io.sparsescope.experiments.train.sweep;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.search.Grid;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The gradient thresholds that are tried, rising, each once: a list such as {@code 0,1e-5,..,1e-2},
 * in which two dots stand for the powers of ten between, or a grid with 0 before it: {@code
 * log:FROM:TO:STEPS}, {@code linear:FROM:TO:STEPS}, {@code pow2:FROM:TO}.
 */
public final class SweepValues {
  /** The option that can be swept. */
  public static final String GRADIENT_THRESHOLD = "gradient-threshold";

  private static final MathContext DIGITS = new MathContext(12);

  private SweepValues() {}

  /**
   * Reads {@code gradient-threshold=VALUES}.
   *
   * @throws ExperimentException saying what is wrong with the text
   */
  public static List<Double> parse(String text) {
    int equals = text.indexOf('=');
    String option = equals < 0 ? text : text.substring(0, equals).strip();
    if (equals < 0 || !option.equals(GRADIENT_THRESHOLD)) {
      throw fault(text, "gradient-threshold can be swept: write gradient-threshold=0,1e-5,..,1e-2");
    }
    String values = text.substring(equals + 1).strip();
    TreeSet<Double> all = new TreeSet<>();
    if (values.contains(":")) {
      all.add(0.0);
      all.addAll(grid(text, values));
    } else {
      all.addAll(list(text, values));
    }
    return List.copyOf(all);
  }

  private static List<Double> grid(String text, String values) {
    Grid grid = Grid.parse(values);
    if (grid.perUnit()) {
      throw fault(text, "quantiles are of weights: write log:FROM:TO:STEPS");
    }
    return grid.thresholds().stream().map(SweepValues::rounded).toList();
  }

  private static List<Double> list(String text, String values) {
    List<Double> all = new ArrayList<>();
    boolean open = false;
    for (String part : values.split(",", -1)) {
      boolean dots = part.strip().equals("..");
      if (dots && (open || all.isEmpty())) {
        throw fault(text, "two dots stand between two numbers");
      }
      if (!dots) {
        double value = number(text, part.strip());
        if (open) {
          addDecades(text, all, value);
        }
        all.add(value);
      }
      open = dots;
    }
    if (open) {
      throw fault(text, "two dots stand between two numbers");
    }
    return all;
  }

  private static void addDecades(String text, List<Double> all, double to) {
    double from = all.get(all.size() - 1);
    if (!(from > 0 && to > from)) {
      throw fault(text, "two dots stand between a number above 0 and a higher one");
    }
    double next = rounded(10 * from);
    while (next < to) {
      all.add(next);
      next = rounded(10 * next);
    }
  }

  private static double number(String text, String part) {
    double value;
    try {
      value = Double.parseDouble(part);
    } catch (NumberFormatException e) {
      throw fault(text, "'" + part + "' is no number");
    }
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw fault(text, "'" + part + "': a threshold is finite and not negative");
    }
    return value == 0 ? 0 : value;
  }

  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }

  private static ExperimentException fault(String text, String remedy) {
    return new ExperimentException("--sweep " + text + ": " + remedy);
  }
}
