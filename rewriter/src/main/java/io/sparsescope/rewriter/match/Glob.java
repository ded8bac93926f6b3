package io.sparsescope.rewriter.match;

import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A glob over names whose segments are separated by {@code /}: {@code *} any characters within a
 * segment, {@code **} any characters, {@code ?} one character within a segment, <code>{a,b}</code>
 * alternatives (they nest), {@code \} takes the next character as it is. Everything else, brackets
 * and spaces included, stands for itself.
 *
 * <p>A glob covers all under what it names: {@code a/b} equals {@code a/b/**} and selects {@code
 * a/b} and {@code a/b/c}, never {@code a/bc}. <code>/**&#47;</code> stands for any number of
 * segments, none included. Slashes at the beginning count for nothing and repeated ones as one, in
 * the glob and in the name, so {@code layer1} finds PyTorch's {@code /layer1/conv1/Conv}.
 *
 * <p>Compiled once into a nondeterministic automaton; matching takes time proportional to the
 * name's length times the glob's, whatever they hold.
 */
public final class Glob {
  private static final int ANY = -1;
  private static final int ANY_IN_SEGMENT = -2;
  private static final int EPSILON = -3;

  private final String text;
  private final boolean scope;
  private final Compiler nfa = new Compiler();
  private final BitSet start;
  private final int accept;

  private Glob(String text, boolean scope) {
    this.text = text;
    this.scope = scope;
    String pattern = withoutTail(normalize(text), scope);
    int first = nfa.state();
    accept = nfa.compile(pattern, first);
    start = new BitSet();
    nfa.close(first, start);
  }

  /**
   * Compiles a glob.
   *
   * @throws RewriteException if braces do not pair or nothing follows a {@code \}
   */
  public static Glob of(String text) {
    return new Glob(text, true);
  }

  /** A glob that does not cover what lies under the names it selects. */
  static Glob exact(String text) {
    return new Glob(text, false);
  }

  /** Whether the glob selects the name. */
  public boolean matches(String name) {
    String subject = normalize(name);
    BitSet current = (BitSet) start.clone();
    BitSet next = new BitSet();
    for (int i = 0; i < subject.length(); i++) {
      char c = subject.charAt(i);
      if (scope && c == '/' && current.get(accept)) {
        return true;
      }
      next.clear();
      for (int s = current.nextSetBit(0); s >= 0; s = current.nextSetBit(s + 1)) {
        nfa.step(s, c, next);
      }
      if (next.isEmpty()) {
        return false;
      }
      BitSet swap = current;
      current = next;
      next = swap;
    }
    return current.get(accept);
  }

  @Override
  public String toString() {
    return text;
  }

  /** Without slashes at the beginning, and repeated ones as one. */
  static String normalize(String name) {
    StringBuilder out = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean doubled = c == '/' && (out.isEmpty() || out.charAt(out.length() - 1) == '/');
      if (!doubled) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** {@code a/**} covers {@code a} itself: drops such a tail, and a slash at the end. */
  private static String withoutTail(String pattern, boolean scope) {
    String p = pattern;
    while (scope && (p.endsWith("/**") || p.endsWith("/")) && !p.endsWith("\\/")) {
      p = p.substring(0, p.length() - (p.endsWith("/") ? 1 : 3));
    }
    return p;
  }

  /** States with one labelled edge each, or epsilon edges. */
  private final class Compiler {
    private final List<Integer> label = new ArrayList<>();
    private final List<List<Integer>> targets = new ArrayList<>();
    private String pattern = "";
    private int at;

    int state() {
      label.add(EPSILON);
      targets.add(new ArrayList<>());
      return label.size() - 1;
    }

    int compile(String source, int from) {
      pattern = source;
      at = 0;
      int end = sequence(from, false);
      if (at < pattern.length()) {
        throw fault("has a } without {", "write \\} for the character");
      }
      return end;
    }

    void step(int state, char c, BitSet next) {
      int l = label.get(state);
      if (l == c || l == ANY || (l == ANY_IN_SEGMENT && c != '/')) {
        close(targets.get(state).get(0), next);
      }
    }

    void close(int state, BitSet into) {
      if (into.get(state)) {
        return;
      }
      into.set(state);
      if (label.get(state) == EPSILON) {
        for (int t : targets.get(state)) {
          close(t, into);
        }
      }
    }

    private int sequence(int from, boolean inBraces) {
      int state = from;
      while (at < pattern.length()) {
        char c = pattern.charAt(at);
        if (c == '}' || (c == ',' && inBraces)) {
          return state;
        }
        state = element(state, c);
      }
      return state;
    }

    private int element(int from, char c) {
      if (c == '{') {
        return alternatives(from);
      }
      if (c == '*') {
        return stars(from);
      }
      at++;
      if (c == '?') {
        return edge(from, ANY_IN_SEGMENT);
      }
      if (c == '\\') {
        if (at == pattern.length()) {
          throw fault("ends in a single \\", "write \\\\ for the character");
        }
        return edge(from, pattern.charAt(at++));
      }
      return edge(from, c);
    }

    private int stars(int from) {
      int begin = at;
      while (at < pattern.length() && pattern.charAt(at) == '*') {
        at++;
      }
      boolean across = at - begin > 1;
      int loop = epsilonTo(from);
      int back = edge(loop, across ? ANY : ANY_IN_SEGMENT);
      targets.get(back).add(loop);
      int out = epsilonTo(loop);
      boolean wholeSegments =
          across
              && (begin == 0 || pattern.charAt(begin - 1) == '/')
              && at < pattern.length()
              && pattern.charAt(at) == '/';
      if (wholeSegments) {
        at++;
        out = edge(out, '/');
        targets.get(from).add(out);
      }
      return out;
    }

    private int alternatives(int from) {
      int end = state();
      do {
        at++;
        int branch = sequence(epsilonTo(from), true);
        targets.get(branch).add(end);
      } while (at < pattern.length() && pattern.charAt(at) == ',');
      if (at == pattern.length()) {
        throw fault("has a { without }", "close it, or write \\{ for the character");
      }
      at++;
      return end;
    }

    /** A new epsilon state reached from {@code from}, which must be one itself. */
    private int epsilonTo(int from) {
      int s = state();
      targets.get(from).add(s);
      return s;
    }

    private int edge(int from, int labelled) {
      int s = state();
      targets.get(from).add(s);
      label.set(s, labelled);
      int end = state();
      targets.get(s).add(end);
      return end;
    }

    private RewriteException fault(String what, String remedy) {
      return new RewriteException("pattern \"" + text + "\" " + what + ": " + remedy);
    }
  }
}
