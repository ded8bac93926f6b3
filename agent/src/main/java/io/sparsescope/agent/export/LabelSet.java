package io.sparsescope.agent.export;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Labels that tell one series of a metric from the others, in the order of their names. A label
 * without a value is no label. Values come from model files, so they are made safe: cut to {@link
 * #MAX_LENGTH} characters, without control characters, line separators and lone surrogates.
 *
 * @param values by label name
 */
record LabelSet(Map<String, String> values) {
  /** Characters (UTF-16 units) of a value that are kept. */
  static final int MAX_LENGTH = 200;

  static final LabelSet NONE = new LabelSet(Map.of());

  private static final int HASH_LENGTH = 9;

  /** These labels and one more. */
  LabelSet and(String name, String value) {
    if (value.isEmpty()) {
      return this;
    }
    Map<String, String> all = new TreeMap<>(values);
    all.put(name, safe(value));
    return new LabelSet(all);
  }

  /** Values that are cut end in a hash of what they were, so that they stay different. */
  private static String safe(String value) {
    if (value.length() <= MAX_LENGTH) {
      return printable(value);
    }
    return printable(value.substring(0, MAX_LENGTH - HASH_LENGTH))
        + "~"
        + String.format(Locale.ROOT, "%08x", value.hashCode());
  }

  private static String printable(String value) {
    StringBuilder text = new StringBuilder(value.length());
    value.codePoints().map(c -> isSafe(c) ? c : '\ufffd').forEach(text::appendCodePoint);
    return text.toString();
  }

  private static boolean isSafe(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
