package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Learning rates over the course of a training.
 *
 * <ul>
 *   <li>{@code RATE} or {@code constant:RATE}: always the same
 *   <li>{@code step:RATE:FACTOR:EPOCHS}: multiplied by the factor after every so many epochs
 *   <li>{@code exponential:RATE:FACTOR:EPOCHS}: the same, smoothly: {@code RATE * FACTOR^(epoch /
 *       EPOCHS)}
 *   <li>{@code cosine:RATE[:LAST]}: half a cosine from the rate down to the last one (0)
 * </ul>
 *
 * @param form how it falls
 * @param rate the first rate, above 0
 * @param factor the factor; for cosine the last rate
 * @param epochs epochs from factor to factor
 */
public record Schedule(Form form, double rate, double factor, double epochs) {

  /** Forms of schedules. */
  public enum Form {
    CONSTANT,
    STEP,
    EXPONENTIAL,
    COSINE
  }

  private static final String REMEDY =
      "write 0.01, step:0.1:0.1:10, exponential:0.1:0.9:1 or cosine:0.1";

  public Schedule {
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new ExperimentException("learning rate " + rate + ": give a number above 0");
    }
    if (!(factor >= 0) || Double.isInfinite(factor)) {
      throw new ExperimentException(
          "learning rate: factor or last rate " + factor + ": give a number of at least 0");
    }
    if (!(epochs > 0) || Double.isInfinite(epochs)) {
      throw new ExperimentException("learning rate: " + epochs + " epochs: give a number above 0");
    }
  }

  /** Always the same rate. */
  public static Schedule constant(double rate) {
    return new Schedule(Form.CONSTANT, rate, 1, 1);
  }

  /**
   * @throws ExperimentException saying what is wrong with the text
   */
  public static Schedule parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? "constant" : text.substring(0, colon);
    List<Double> values = numbers(text, text.substring(colon + 1));
    Optional<Form> form =
        List.of(Form.values()).stream().filter(f -> name(f).equals(name)).findFirst();
    if (form.isEmpty() || !takes(form.get(), values.size())) {
      throw new ExperimentException("learning rate '" + text + "': " + REMEDY);
    }
    return switch (form.get()) {
      case CONSTANT -> constant(values.get(0));
      case COSINE ->
          new Schedule(Form.COSINE, values.get(0), values.size() > 1 ? values.get(1) : 0, 1);
      default -> new Schedule(form.get(), values.get(0), values.get(1), values.get(2));
    };
  }

  private static boolean takes(Form form, int values) {
    return switch (form) {
      case CONSTANT -> values == 1;
      case COSINE -> values == 1 || values == 2;
      default -> values == 3;
    };
  }

  private static List<Double> numbers(String text, String list) {
    List<Double> numbers = new ArrayList<>();
    for (String part : list.split(":", -1)) {
      try {
        numbers.add(Double.parseDouble(part.strip()));
      } catch (NumberFormatException e) {
        throw new ExperimentException(
            "learning rate '" + text + "': '" + part + "' is no number; " + REMEDY, e);
      }
    }
    return numbers;
  }

  private static String name(Form form) {
    return form.name().toLowerCase(Locale.ROOT);
  }

  /** What {@link #parse} makes the same of. */
  public String text() {
    return switch (form) {
      case CONSTANT -> Double.toString(rate);
      case COSINE -> "cosine:" + rate + ":" + factor;
      default -> name(form) + ":" + rate + ":" + factor + ":" + epochs;
    };
  }

  /** Whether rates depend on how long the training is to be. */
  boolean needsTotal() {
    return form == Form.COSINE;
  }

  /**
   * The rate of a step.
   *
   * @param epoch how often the training has seen the data before the step
   * @param share which part of the whole training is done before the step, 0 to below 1
   */
  double rate(double epoch, double share) {
    return switch (form) {
      case CONSTANT -> rate;
      case STEP -> rate * Math.pow(factor, Math.floor(epoch / epochs));
      case EXPONENTIAL -> rate * Math.pow(factor, epoch / epochs);
      case COSINE -> factor + (rate - factor) / 2 * (1 + Math.cos(Math.PI * share));
    };
  }
}
