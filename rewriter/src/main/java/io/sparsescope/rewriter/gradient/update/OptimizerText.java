package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.List;

/** Reads optimizers as they are written on a command line. */
final class OptimizerText {
  private OptimizerText() {}

  static Optimizer parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    List<Double> values = colon < 0 ? List.of() : numbers(text, text.substring(colon + 1));
    boolean known =
        switch (name) {
          case "sgd" -> values.isEmpty();
          case "momentum", "nesterov" -> values.size() <= 1;
          case "adam" -> values.size() != 1 && values.size() <= 3;
          default -> false;
        };
    if (!known) {
      throw wrong(text, "write sgd, momentum:0.9, nesterov:0.9 or adam:0.9,0.999,1e-8");
    }
    return switch (name) {
      case "sgd" -> new Sgd(0, false);
      case "adam" ->
          values.isEmpty()
              ? Adam.DEFAULTS
              : new Adam(
                  values.get(0),
                  values.get(1),
                  values.size() == 3 ? values.get(2) : Adam.DEFAULTS.epsilon());
      default ->
          new Sgd(values.isEmpty() ? Sgd.USUAL_MOMENTUM : values.get(0), name.equals("nesterov"));
    };
  }

  private static List<Double> numbers(String text, String list) {
    List<Double> numbers = new ArrayList<>();
    for (String part : list.split(",", -1)) {
      try {
        numbers.add(Double.parseDouble(part.strip()));
      } catch (NumberFormatException e) {
        throw wrong(text, "'" + part + "' is no number");
      }
    }
    return numbers;
  }

  private static RewriteException wrong(String text, String why) {
    return new RewriteException("optimizer '" + text + "': " + why);
  }

  /** A number written as briefly as it reads back. */
  static String write(double number) {
    String text = Double.toString(number);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
