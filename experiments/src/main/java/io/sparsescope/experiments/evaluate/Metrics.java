package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The metrics by name.
 *
 * <ul>
 *   <li>{@code top-1}, {@code top-5}, {@code top-N}: the label is among the N highest values. Of
 *       equal values the first counts as the higher, as numpy.argmax has it; NaN is never the
 *       highest, and a record whose label's value is NaN is wrong
 *   <li>{@code binary[:LIMIT]}: for one output value: above the limit (0.5, for probabilities; 0
 *       for logits) is class 1
 *   <li>{@code agreement}, {@code binary-agreement[:LIMIT]}: the class is the dense model's
 *   <li>{@code cosine}: cosine of the angle to the dense model's values, at best 1
 *   <li>{@code max-error}: minus the largest absolute difference from them, at best 0
 *   <li>{@code squared-error}: minus the mean of the squared differences from them, at best 0
 *   <li>anything else: the class name of a {@link Metric}, or the name of one that is registered as
 *       a service
 * </ul>
 */
public final class Metrics {
  /** What classifiers are judged by where nothing else is said. */
  public static final Metric TOP_1 = top(1);

  /** The dense model's class. */
  public static final Metric AGREEMENT = new AgreementMetric("agreement", new TopClasses(1));

  /** Cosine to the dense model's values. */
  public static final Metric COSINE = new DistanceMetric("cosine", 1, Distances::cosine);

  /** Minus the largest absolute difference from the dense model's values. */
  public static final Metric MAX_ERROR =
      new DistanceMetric("max-error", 0, row -> 0 - Distances.largest(row));

  /** Minus the mean of the squared differences from the dense model's values, or from targets. */
  public static final Metric SQUARED_ERROR =
      new DistanceMetric("squared-error", 0, row -> 0 - Distances.meanSquare(row));

  private static final double PROBABILITY = 0.5;

  private Metrics() {}

  /** The label is among the {@code count} highest values. */
  public static Metric top(int count) {
    if (count < 1) {
      throw new ExperimentException("--metric top-" + count + ": write top-1 or top-5");
    }
    return new LabelMetric("top-" + count, new TopClasses(count));
  }

  /**
   * Finds a metric.
   *
   * @throws ExperimentException if there is none of that name, or it cannot be made
   */
  public static Metric parse(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    return switch (name) {
      case "binary" -> new LabelMetric(text, new BinaryDecision(limit(text, colon)));
      case "binary-agreement" -> new AgreementMetric(text, new BinaryDecision(limit(text, colon)));
      default -> plain(text);
    };
  }

  private static Metric plain(String text) {
    return switch (text) {
      case "agreement" -> AGREEMENT;
      case "cosine" -> COSINE;
      case "max-error" -> MAX_ERROR;
      case "squared-error" -> SQUARED_ERROR;
      default ->
          text.matches("top-[0-9]{1,6}")
              ? top(Integer.parseInt(text.substring("top-".length())))
              : service(text).orElseGet(() -> ofClass(text));
    };
  }

  private static double limit(String text, int colon) {
    if (colon < 0) {
      return PROBABILITY;
    }
    try {
      double limit = Double.parseDouble(text.substring(colon + 1));
      if (Double.isFinite(limit)) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ExperimentException(
        "--metric " + text + ": the limit is no number; write " + text.substring(0, colon) + ":0");
  }

  private static Optional<Metric> service(String text) {
    try {
      return ServiceLoader.load(Metric.class, loader()).stream()
          .map(ServiceLoader.Provider::get)
          .filter(metric -> metric.name().equals(text))
          .findFirst();
    } catch (ServiceConfigurationError e) {
      throw new ExperimentException(
          "--metric "
              + text
              + ": a metric registered as a service cannot be made ("
              + e
              + "); repair its META-INF/services entry",
          e);
    }
  }

  private static Metric ofClass(String text) {
    try {
      Class<?> found = Class.forName(text, true, loader());
      if (Metric.class.isAssignableFrom(found)) {
        return (Metric) found.getConstructor().newInstance();
      }
      throw new ExperimentException(
          "--metric "
              + text
              + ": the class is no Metric; have it implement "
              + Metric.class.getName());
    } catch (ClassNotFoundException e) {
      throw new ExperimentException(
          "--metric "
              + text
              + " is unknown; write top-1, top-5, binary, agreement, cosine, max-error,"
              + " squared-error, or the class name of your own that is on the class path",
          e);
    } catch (InvocationTargetException e) {
      throw new ExperimentException(
          "--metric " + text + ": its constructor fails (" + e.getCause() + "); repair it", e);
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new ExperimentException(
          "--metric "
              + text
              + ": the metric cannot be made ("
              + e
              + "); it must be public, not abstract, with a public constructor without parameters",
          e);
    }
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? Metrics.class.getClassLoader() : context;
  }
}
