package io.sparsescope.agent.session;

import java.util.regex.Pattern;

/**
 * Tells models by a glob on their file name or graph name: {@code *} any characters, {@code ?} one,
 * {@code {a,b}} one or the other.
 */
final class ModelMatcher {
  private final Pattern pattern;

  ModelMatcher(String glob) {
    pattern = Pattern.compile(regex(glob), Pattern.DOTALL);
  }

  /**
   * @param fileName null for a model without a file
   */
  boolean matches(String fileName, String graphName) {
    return (fileName != null && matchesName(fileName)) || matchesName(graphName);
  }

  boolean matchesName(String name) {
    return pattern.matcher(name).matches();
  }

  private static String regex(String glob) {
    StringBuilder regex = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (c == '{') {
        depth++;
        regex.append("(?:");
      } else if (c == '}' && depth > 0) {
        depth--;
        regex.append(')');
      } else if (c == ',' && depth > 0) {
        regex.append('|');
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return regex.append(")".repeat(depth)).toString();
  }
}
