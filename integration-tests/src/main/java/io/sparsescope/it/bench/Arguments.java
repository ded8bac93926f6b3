package io.sparsescope.it.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Options of a benchmark: {@code --name value}, or {@code --name} alone for "true". */
record Arguments(Map<String, String> options) {

  /**
   * @throws IllegalArgumentException naming an option that is not among {@code known}
   */
  static Arguments parse(String[] args, List<String> known) {
    Map<String, String> options = new HashMap<>();
    for (int i = 0; i < args.length; i++) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : "";
      if (!known.contains(name)) {
        throw new IllegalArgumentException("unknown option " + args[i] + "; known: " + known);
      }
      boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
      options.put(name, hasValue ? args[++i] : "true");
    }
    return new Arguments(options);
  }

  int number(String name, int otherwise) {
    return options.containsKey(name) ? Integer.parseInt(options.get(name)) : otherwise;
  }

  boolean flag(String name) {
    return options.containsKey(name);
  }
}
