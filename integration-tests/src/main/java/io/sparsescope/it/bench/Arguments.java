package io.sparsescope.it.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Options of a benchmark: {@code --name value}, or {@code --name} alone for "true". */
record Arguments(Map<String, String> options) {

  /**
   * @throws IllegalArgumentException naming an option that is not among {@code known}, or a value
   *     that is no number
   */
  static Arguments parse(String[] args, List<String> known) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!known.contains(name)) {
        throw new IllegalArgumentException("unknown option " + args[i] + "; known: " + known);
      }
      boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
      String value = hasValue ? args[++i] : "true";
      if (hasValue && !value.matches("[1-9][0-9]{0,5}")) {
        throw new IllegalArgumentException("--" + name + " " + value + ": give a number from 1");
      }
      options.put(name, value);
    }
    return new Arguments(options);
  }

  /** The same for a main program: says what is wrong in one line and ends with exit code 2. */
  static Arguments parseOrExit(String[] args, List<String> known) {
    try {
      return parse(args, known);
    } catch (IllegalArgumentException e) {
      System.err.println("sparsescope bench: " + e.getMessage());
      System.exit(2);
      throw e;
    }
  }

  int number(String name, int otherwise) {
    String value = options.getOrDefault(name, "true");
    return value.equals("true") ? otherwise : Integer.parseInt(value);
  }

  boolean flag(String name) {
    return options.containsKey(name);
  }
}
