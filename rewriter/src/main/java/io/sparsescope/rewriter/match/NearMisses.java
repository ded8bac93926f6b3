package io.sparsescope.rewriter.match;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody may have meant by a pattern that selects nothing. */
public final class NearMisses {
  private static final int SHOWN = 3;
  private static final int LONGEST = 200;

  private NearMisses() {}

  /**
   * A clause for an error message, for example {@code did you mean "conv1", "conv2"?}. Where some
   * term of the pattern agrees with a candidate, also says why that one was not selected.
   */
  public static String describe(Pattern pattern, Collection<Candidate> candidates) {
    if (candidates.isEmpty()) {
      return "there is nothing to select";
    }
    Candidate best = null;
    Match bestMatch = null;
    for (Candidate c : candidates) {
      Match m = pattern.match(c);
      if (bestMatch == null || m.agreeing() > bestMatch.agreeing()) {
        best = c;
        bestMatch = m;
      }
    }
    Match match = bestMatch;
    Candidate nearest = best;
    String why =
        match.agreeing() == 0
            ? ""
            : " (node \"" + nearest.node().name() + "\" comes near: " + match.reason() + ")";
    return "did you mean " + names(pattern, candidates) + "?" + why;
  }

  /** The names nearest to the first term that selects nothing by itself. */
  private static String names(Pattern pattern, Collection<Candidate> candidates) {
    Pattern.Term wanting =
        pattern.terms().stream()
            .filter(t -> candidates.stream().noneMatch(t::agrees))
            .findFirst()
            .orElse(pattern.terms().get(0));
    Set<String> subjects =
        candidates.stream()
            .map(wanting::subject)
            .filter(s -> !s.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    return nearest(wanting.body(), subjects).stream()
        .map(s -> "\"" + prefixOf(wanting.kind()) + s + "\"")
        .collect(Collectors.joining(", "));
  }

  private static String prefixOf(Pattern.Kind kind) {
    return switch (kind) {
      case NAME, REGEX -> "";
      case OP -> "op:";
      case TENSOR -> "tensor:";
      case LAYER -> "layer:";
    };
  }

  /** At most three of the names, those most like the text first. */
  static List<String> nearest(String text, Collection<String> names) {
    String wanted = plain(text);
    record Scored(String name, int distance) {}
    return names.stream()
        .map(n -> new Scored(n, distance(wanted, plain(n))))
        .sorted(Comparator.comparingInt(Scored::distance))
        .limit(SHOWN)
        .map(Scored::name)
        .toList();
  }

  private static String plain(String s) {
    String cut = s.length() > LONGEST ? s.substring(0, LONGEST) : s;
    return Glob.normalize(cut.replace("*", "").replace("\\", "")).toLowerCase(Locale.ROOT);
  }

  /**
   * Edit distance of a to the prefix or the whole of b that is nearest, where leaving the rest of b
   * away costs a quarter as much as an edit.
   */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    int best = Integer.MAX_VALUE;
    for (int j = 0; j <= b.length(); j++) {
      best = Math.min(best, 4 * row[j] + (b.length() - j));
    }
    return best;
  }
}
