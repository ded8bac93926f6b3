package io.sparsescope.agent.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * Where options are written: the agent's arguments, system properties {@code sparsescope.KEY},
 * environment variables {@code SPARSESCOPE_KEY}, and the file that {@code config} names, an earlier
 * one over a later one. Unknown keys are errors in the arguments and in the file; properties and
 * variables of other names belong to somebody else.
 */
final class OptionSources {
  private static final String PROPERTY = "sparsescope.";
  private static final String VARIABLE = "SPARSESCOPE_";

  private OptionSources() {}

  static Map<String, String> merge(
      String arguments, Properties properties, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    for (String key : AgentOptions.KEYS) {
      put(values, key, environment.get(VARIABLE + key.toUpperCase(Locale.ROOT)));
      put(values, key, properties.getProperty(PROPERTY + key));
    }
    values.putAll(parse(arguments));
    String config = values.remove(AgentOptions.CONFIG);
    if (config != null) {
      ConfigFile.read(config).forEach(values::putIfAbsent);
    }
    return values;
  }

  private static void put(Map<String, String> values, String key, String value) {
    if (value != null) {
      values.put(key, value.strip());
    }
  }

  /** Splits {@code key=value,...}; a comma inside braces belongs to the value. */
  static Map<String, String> parse(String arguments) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String part : splitAtCommas(arguments == null ? "" : arguments)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      requireKnown(key, "the agent's arguments", AgentOptions.KEYS);
      if (equals < 0) {
        throw new OptionException("option " + key + " has no value; write " + key + "=VALUE");
      }
      if (values.put(key, part.substring(equals + 1).strip()) != null) {
        throw new OptionException("option " + key + " is given twice; give it once");
      }
    }
    return values;
  }

  private static List<String> splitAtCommas(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth = Math.max(0, depth - 1);
      } else if (c == ',' && (depth == 0 || i == text.length())) {
        String part = text.substring(start, i).strip();
        if (!part.isEmpty()) {
          parts.add(part);
        }
        start = i + 1;
      }
    }
    return parts;
  }

  static void requireKnown(String key, String where, List<String> known) {
    if (!known.contains(key)) {
      throw new OptionException(
          "unknown option " + key + " in " + where + "; known are " + String.join(", ", known));
    }
  }
}
