package io.sparsescope.agent.export;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus' text format and OpenMetrics as far as both are alike, strictly: a sample needs
 * a HELP and a TYPE before it, families must not be interleaved, no series may come twice.
 */
public final class TextFormat {
  private static final Pattern COMMENT =
      Pattern.compile("# (HELP|TYPE|UNIT) ([a-z_:][a-z0-9_:]*) (.*)");
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z_:][a-z0-9_:]*)(?:\\{(.*)\\})? ([-+0-9.eE]+|NaN|[+-]Inf)");
  private static final Pattern LABEL =
      Pattern.compile("([a-z_][a-z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\",?");

  private TextFormat() {}

  /** Values by series: {@code name{a=1, b=2}}, the labels sorted. */
  public static Map<String, Double> parse(String text) {
    Map<String, Double> samples = new LinkedHashMap<>();
    Set<String> finished = new HashSet<>();
    Set<String> helped = new HashSet<>();
    String family = "";
    for (String line : text.split("\n")) {
      if (line.equals("# EOF")) {
        continue;
      }
      Matcher comment = COMMENT.matcher(line);
      if (comment.matches()) {
        String name = comment.group(2);
        if (!name.equals(family)) {
          finished.add(family);
          family = name;
        }
        if (finished.contains(name) || !helped.add(comment.group(1) + name)) {
          throw new IllegalArgumentException("a family twice: " + line);
        }
        continue;
      }
      Matcher sample = SAMPLE.matcher(line);
      if (!sample.matches()) {
        throw new IllegalArgumentException("no sample: " + line);
      }
      String name = sample.group(1);
      if (!name.equals(family)
          && !name.equals(family + "_total")
          && !name.equals(family + "_info")) {
        throw new IllegalArgumentException("not of family " + family + ": " + line);
      }
      if (!helped.contains("TYPE" + family) || !helped.contains("HELP" + family)) {
        throw new IllegalArgumentException("no help or type: " + line);
      }
      String series = name + labels(sample.group(2));
      if (samples.put(series, Double.valueOf(sample.group(3))) != null) {
        throw new IllegalArgumentException("twice: " + series);
      }
    }
    return samples;
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text == null ? "" : text);
    int end = 0;
    while (label.find()) {
      if (label.start() != end || labels.put(label.group(1), unescape(label.group(2))) != null) {
        throw new IllegalArgumentException("labels are wrong: " + text);
      }
      end = label.end();
    }
    if (text != null && end != text.length()) {
      throw new IllegalArgumentException("labels are wrong: " + text);
    }
    return labels;
  }

  private static String unescape(String value) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\') {
        i++;
        c = value.charAt(i) == 'n' ? '\n' : value.charAt(i);
      }
      out.append(c);
    }
    return out.toString();
  }
}
