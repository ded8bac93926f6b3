package io.sparsescope.rewriter.transform;

import java.util.List;

/** What stands behind a transform's name; every fault says what to write. */
final class Arguments {
  private final String form;
  private final List<String> values;

  /**
   * @param form how the transform is written, for messages
   */
  Arguments(String form, List<String> values) {
    this.form = form;
    this.values = values;
  }

  int count() {
    return values.size();
  }

  String text(int index) {
    return values.get(index);
  }

  void requireCount(int least, int most) {
    if (count() < least || count() > most) {
      throw fault("has " + count() + (count() == 1 ? " argument" : " arguments"));
    }
  }

  long integer(int index, String name, long least, long most) {
    long value;
    try {
      value = Long.parseLong(text(index));
    } catch (NumberFormatException e) {
      throw fault(name + " is \"" + text(index) + "\", no whole number", e);
    }
    if (value < least || value > most) {
      throw fault(name + " is " + value + ", not from " + least + " to " + most);
    }
    return value;
  }

  double notNegative(int index, String name) {
    double value = number(index, name);
    if (value < 0) {
      throw fault(name + " is " + value + ", which is negative");
    }
    return value == 0 ? 0 : value;
  }

  double positive(int index, String name) {
    double value = number(index, name);
    if (value <= 0) {
      throw fault(name + " is " + value + ", which is not positive");
    }
    return value;
  }

  double share(int index, String name) {
    double value = number(index, name);
    if (value <= 0 || value > 1) {
      throw fault(name + " is " + value + ", which is not above 0 and at most 1");
    }
    return value;
  }

  private double number(int index, String name) {
    double value;
    try {
      value = Double.parseDouble(text(index));
    } catch (NumberFormatException e) {
      throw fault(name + " is \"" + text(index) + "\", no number", e);
    }
    if (!Double.isFinite(value)) {
      throw fault(name + " is " + value + ", which is not finite");
    }
    return value;
  }

  private IllegalArgumentException fault(String what) {
    return fault(what, null);
  }

  private IllegalArgumentException fault(String what, Exception cause) {
    return new IllegalArgumentException(what + ": write " + form, cause);
  }
}
