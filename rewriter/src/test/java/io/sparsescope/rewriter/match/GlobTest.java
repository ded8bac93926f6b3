package io.sparsescope.rewriter.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "block1/unit_1, block1/unit_1, true",
    "block1/unit_1, block1/unit_1/conv, true",
    "block1/unit_1, block1/unit_1/a/b/c, true",
    "block1/unit_1, block1/unit_10, false",
    "block1/unit_1, block1/unit_10/conv, false",
    "block1/unit_1, x/block1/unit_1, false",
    "block1/unit_1/**, block1/unit_1, true",
    "block1/unit_1/**, block1/unit_1/conv, true",
    "block1/unit_1/, block1/unit_1/conv, true",
    "layer1/**, /layer1/layer1.0/conv1/Conv, true",
    "/layer1/**/conv*, /layer1/layer1.0/conv1/Conv, true",
    "/layer1/**/conv*, /layer1/conv1, true",
    "/layer1/**/conv*, layer1/a/b/conv2, true",
    "/layer1/**/conv*, /layer10/conv1, false",
    "/layer1/**/conv*, /layer1/bn1, false",
    "**/Relu, Relu, true",
    "**/Relu, a/b/Relu, true",
    "**/Relu, a/b/XRelu, false",
    "conv?, conv1, true",
    "conv?, conv10, false",
    "conv?, conv/, false",
    "conv[1], conv[1], true",
    "conv[1], conv1, false",
    "Conv:2 out, Conv:2 out, true",
    "'{conv,fc}{1,2}', fc2, true",
    "'{conv,fc}{1,2}', fc3, false",
    "'a{b,c{d,e}}f', acef, true",
    "'a{,b}c', ac, true",
    "'a,b', 'a,b', true",
    "a\\*b, a*b, true",
    "a\\*b, axb, false",
    "outer/then_branch/inner, outer/then_branch//inner, true",
    "**, anything/at all, true",
    "'*', 'a/b', true",
  })
  void selects(String glob, String name, boolean selected) {
    assertThat(Glob.of(glob).matches(name)).isEqualTo(selected);
  }

  @ParameterizedTest
  @CsvSource({"'a{b', 'has a { without }'", "'ab}', 'has a } without {'", "a\\, ends in a single"})
  void saysWhatIsWrongWithAGlob(String glob, String message) {
    assertThatThrownBy(() -> Glob.of(glob))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith("pattern \"" + glob + "\" ")
        .hasMessageContaining(message);
  }

  @Test
  void takesTimeInProportionToTheName() {
    // 2^30 ways to share the letters out would take a backtracking matcher minutes.
    Glob glob = Glob.of("*a".repeat(30) + "b");
    assertThat(glob.matches("a".repeat(5000))).isFalse();
  }

  @Property(tries = 3000)
  void agreesWithANaiveMatcher(@ForAll("globs") String glob, @ForAll("names") String name) {
    assertThat(Glob.of(glob).matches(name)).as("%s on %s", glob, name).isEqualTo(naive(glob, name));
  }

  @Provide
  Arbitrary<String> globs() {
    return Arbitraries.of("a", "b", "/", "*", "**", "?", "{a,b}", "{a/,}", "/**/", "/**")
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.of("a", "b", "/", "ab").list().ofMaxSize(7).map(p -> String.join("", p));
  }

  /** Tries everything: the name, then every scope that holds it. */
  private static boolean naive(String glob, String name) {
    String subject = squeeze(name);
    List<String> scopes = new ArrayList<>(List.of(subject));
    for (int i = 0; i < subject.length(); i++) {
      if (subject.charAt(i) == '/') {
        scopes.add(subject.substring(0, i));
      }
    }
    String pattern = squeeze(glob);
    while (pattern.endsWith("/**") || pattern.endsWith("/")) {
      pattern = pattern.substring(0, pattern.length() - (pattern.endsWith("/") ? 1 : 3));
    }
    for (String p : expand(pattern)) {
      for (String s : scopes) {
        if (backtrack(p, 0, s)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String squeeze(String s) {
    return s.replaceAll("/+", "/").replaceFirst("^/", "");
  }

  private static List<String> expand(String p) {
    int open = p.indexOf('{');
    if (open < 0) {
      return List.of(p);
    }
    int close = p.indexOf('}', open);
    List<String> all = new ArrayList<>();
    for (String choice : p.substring(open + 1, close).split(",", -1)) {
      all.addAll(
          expand(p.substring(0, open) + "\u0001" + choice + "\u0001" + p.substring(close + 1)));
    }
    return all;
  }

  /** Marks around alternatives keep what they hold apart from stars and slashes outside. */
  private static boolean backtrack(String p, int at, String s) {
    if (at == p.length()) {
      return s.isEmpty();
    }
    char c = p.charAt(at);
    if (c == '\u0001') {
      return backtrack(p, at + 1, s);
    }
    if (c == '*') {
      int end = at;
      while (end < p.length() && p.charAt(end) == '*') {
        end++;
      }
      boolean across = end - at > 1;
      boolean segments =
          across
              && (at == 0 || p.charAt(at - 1) == '/')
              && end < p.length()
              && p.charAt(end) == '/';
      if (segments && backtrack(p, end + 1, s)) {
        return true;
      }
      for (int n = 0; n <= s.length(); n++) {
        if (!across && s.substring(0, n).contains("/")) {
          return false;
        }
        if (backtrack(p, end, s.substring(n))) {
          return true;
        }
      }
      return false;
    }
    if (s.isEmpty()) {
      return false;
    }
    boolean same = c == '?' ? s.charAt(0) != '/' : s.charAt(0) == c;
    return same && backtrack(p, at + 1, s.substring(1));
  }
}
