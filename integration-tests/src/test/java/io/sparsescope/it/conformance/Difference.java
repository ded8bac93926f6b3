package io.sparsescope.it.conformance;

import io.sparsescope.it.conformance.Value.Items;
import io.sparsescope.it.conformance.Value.Numbers;

/** How far two values are apart. */
final class Difference {
  private Difference() {}

  /**
   * Largest difference of two values, relative to the largest finite magnitude in the first; 0 if
   * they are equal, infinite if they differ in kind, shape, type, or in where they are not finite.
   */
  static double relative(Value expected, Value actual) {
    if (expected.equals(actual)) {
      return 0;
    }
    if (expected instanceof Items a && actual instanceof Items b) {
      return relative(a, b);
    }
    if (!comparable(expected, actual)) {
      return Double.POSITIVE_INFINITY;
    }
    Numbers a = (Numbers) expected;
    Numbers b = (Numbers) actual;
    double scale = 0;
    double worst = 0;
    for (int i = 0; i < a.size(); i++) {
      double x = a.get(i);
      double y = b.get(i);
      if (Double.compare(x, y) != 0 && (!Double.isFinite(x) || !Double.isFinite(y))) {
        return Double.POSITIVE_INFINITY;
      }
      if (Double.isFinite(x)) {
        scale = Math.max(scale, Math.abs(x));
        worst = Math.max(worst, Math.abs(x - y));
      }
    }
    return worst == 0 ? 0 : worst / Math.max(scale, Double.MIN_NORMAL);
  }

  /** Whether numbers agree as ONNX's own backend test runner asks: rtol 1e-3, atol 1e-7. */
  static boolean within(Value expected, Value actual) {
    if (expected.equals(actual)) {
      return true;
    }
    if (expected instanceof Items a && actual instanceof Items b) {
      boolean all = a.values().size() == b.values().size();
      for (int i = 0; all && i < a.values().size(); i++) {
        all = within(a.values().get(i), b.values().get(i));
      }
      return all;
    }
    if (!comparable(expected, actual)) {
      return false;
    }
    Numbers a = (Numbers) expected;
    Numbers b = (Numbers) actual;
    for (int i = 0; i < a.size(); i++) {
      double x = a.get(i);
      double y = b.get(i);
      boolean equal = Double.compare(x, y) == 0 || x == y;
      if (!equal && !(Math.abs(x - y) <= 1e-7 + 1e-3 * Math.abs(x))) {
        return false;
      }
    }
    return true;
  }

  private static double relative(Items a, Items b) {
    if (a.values().size() != b.values().size()) {
      return Double.POSITIVE_INFINITY;
    }
    double worst = 0;
    for (int i = 0; i < a.values().size(); i++) {
      worst = Math.max(worst, relative(a.values().get(i), b.values().get(i)));
    }
    return worst;
  }

  private static boolean comparable(Value expected, Value actual) {
    return expected instanceof Numbers a
        && actual instanceof Numbers b
        && a.type() == b.type()
        && a.shape().equals(b.shape());
  }
}
