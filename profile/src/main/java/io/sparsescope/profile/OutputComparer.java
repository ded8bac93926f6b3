package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.List;

/** Compares the outputs of two runs over the same inputs. Used once, by one thread. */
final class OutputComparer {
  private final List<double[]> first = new ArrayList<>();
  private final List<double[]> second = new ArrayList<>();

  /** Largest magnitudes, which scale what is squared: no square overflows or vanishes. */
  private double firstScale;

  private double secondScale;

  private double maxAbs;

  /** Whether some elements have no finite difference, so that the outputs have no angle. */
  private boolean apart;

  private long rows;
  private long agreeing;

  static OutputDifference compare(List<OutputValue> first, List<OutputValue> second) {
    if (first.size() != second.size()) {
      throw new IllegalArgumentException(
          first.size() + " outputs to be compared with " + second.size());
    }
    OutputComparer comparer = new OutputComparer();
    boolean any = false;
    for (int i = 0; i < first.size(); i++) {
      if (first.get(i).isFloat()) {
        any = true;
        comparer.add(first.get(i), second.get(i));
      }
    }
    return any ? comparer.result() : OutputDifference.NONE;
  }

  private void add(OutputValue a, OutputValue b) {
    double[] x = FloatReader.read(a);
    if (!a.type().equals(b.type()) || !a.shape().equals(b.shape())) {
      maxAbs = Double.POSITIVE_INFINITY;
      apart = true;
      rows += rows(a);
      return;
    }
    double[] y = FloatReader.read(b);
    for (int i = 0; i < x.length; i++) {
      maxAbs = Math.max(maxAbs, difference(x[i], y[i]));
      if (Double.isFinite(x[i]) && Double.isFinite(y[i])) {
        firstScale = Math.max(firstScale, Math.abs(x[i]));
        secondScale = Math.max(secondScale, Math.abs(y[i]));
      } else {
        apart |= Double.compare(x[i], y[i]) != 0;
      }
    }
    first.add(x);
    second.add(y);
    int classes = a.shape().isEmpty() ? 0 : (int) (long) a.shape().get(a.shape().size() - 1);
    for (long row = rows(a); row > 0; row--) {
      rows++;
      agreeing += sameTop(x, y, (int) (row - 1) * classes, classes) ? 1 : 0;
    }
  }

  /** Rows with something to choose from. */
  private static long rows(OutputValue output) {
    return output.shape().size() == 2 && output.shape().get(1) > 1 ? output.shape().get(0) : 0;
  }

  private static double difference(double x, double y) {
    // Equal infinities differ by nothing, though their difference is NaN.
    double difference = Double.compare(x, y) == 0 ? 0 : Math.abs(x - y);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static boolean sameTop(double[] x, double[] y, int from, int classes) {
    int top = top(x, from, classes);
    return top == top(y, from, classes) && Double.isNaN(x[top]) == Double.isNaN(y[top]);
  }

  /** The first NaN, or else the first of the largest. */
  private static int top(double[] values, int from, int classes) {
    int top = from;
    for (int i = from; i < from + classes; i++) {
      if (Double.isNaN(values[i])) {
        return i;
      }
      if (values[i] > values[top]) {
        top = i;
      }
    }
    return top;
  }

  private OutputDifference result() {
    double cosine = cosine();
    return new OutputDifference(1, maxAbs, cosine, cosine, rows, agreeing);
  }

  private double cosine() {
    if (apart) {
      return 0;
    }
    if (firstScale == 0 || secondScale == 0) {
      return firstScale == secondScale ? 1 : 0;
    }
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (int o = 0; o < first.size(); o++) {
      double[] a = first.get(o);
      double[] b = second.get(o);
      for (int i = 0; i < a.length; i++) {
        if (Double.isFinite(a[i]) && Double.isFinite(b[i])) {
          double x = a[i] / firstScale;
          double y = b[i] / secondScale;
          dot += x * y;
          xx += x * x;
          yy += y * y;
        }
      }
    }
    // The root of a square is exact: equal outputs have a cosine of exactly 1.
    return Math.max(-1, Math.min(1, dot / Math.sqrt(xx * yy)));
  }
}
