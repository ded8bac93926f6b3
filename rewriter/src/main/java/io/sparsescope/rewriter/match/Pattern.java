package io.sparsescope.rewriter.match;

import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern that selects nodes: terms joined by {@code " & "}, each perhaps negated by {@code !}.
 *
 * <ul>
 *   <li>a {@link Glob} over the node's name (its first output's name where it has none)
 *   <li>{@code re:} a Java regular expression over the whole name. Unlike globs it sees the name as
 *       it is, a slash at the beginning included, and its running time is its author's care
 *   <li>{@code op:Relu}, {@code op:com.microsoft/Gelu} a glob over the operator
 *   <li>{@code tensor:} a glob over output tensor names (in weight rules also over weight names)
 *   <li>{@code layer:} a glob over layer names: selects the layer's last tensor
 * </ul>
 *
 * A pattern selects a node by its first output; only one with a {@code tensor:} term selects other
 * outputs. Immutable.
 */
public final class Pattern {
  /** What a term looks at. */
  enum Kind {
    NAME(""),
    REGEX("re:"),
    OP("op:"),
    TENSOR("tensor:"),
    LAYER("layer:");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /** One term. {@code body} is the text behind its prefix. */
  record Term(Kind kind, String body, boolean negated, java.util.function.Predicate<String> test) {

    /** What of the candidate the term looks at. */
    String subject(Candidate c) {
      return switch (kind) {
        case NAME, REGEX -> c.node().name();
        case OP -> c.op();
        case TENSOR -> c.tensor();
        case LAYER -> c.layer();
      };
    }

    boolean agrees(Candidate c) {
      String subject = subject(c);
      boolean hit = !(kind == Kind.LAYER && subject.isEmpty()) && test.test(subject);
      return hit != negated;
    }

    String disagreement(Candidate c) {
      String what =
          switch (kind) {
            case NAME, REGEX -> "name \"" + subject(c) + "\"";
            case OP -> "operator " + subject(c);
            case TENSOR -> "tensor \"" + subject(c) + "\"";
            case LAYER ->
                subject(c).isEmpty()
                    ? "not the last tensor of a layer, which"
                    : "layer \"" + subject(c) + "\"";
          };
      return what + (negated ? " is excluded by !" : " is not ") + kind.prefix + body;
    }
  }

  private final String text;
  private final List<Term> terms;
  private final boolean anyTensor;

  private Pattern(String text, List<Term> terms) {
    this.text = text;
    this.terms = List.copyOf(terms);
    this.anyTensor = terms.stream().anyMatch(t -> t.kind == Kind.TENSOR && !t.negated);
  }

  /**
   * Compiles a pattern.
   *
   * @throws RewriteException if it is empty or a term cannot be understood
   */
  public static Pattern parse(String text) {
    if (text.isBlank()) {
      throw new RewriteException("empty pattern: write ** to select every node");
    }
    List<Term> terms = new ArrayList<>();
    for (String part : text.strip().split("(?:^|\\s+)&(?:\\s+|$)", -1)) {
      terms.add(term(part.strip(), text));
    }
    return new Pattern(text, terms);
  }

  /** Whether the pattern selects the candidate, and if not, why. */
  public Match match(Candidate candidate) {
    int agreeing = 0;
    String reason = "";
    for (Term t : terms) {
      if (t.agrees(candidate)) {
        agreeing++;
      } else if (reason.isEmpty()) {
        reason = t.disagreement(candidate);
      }
    }
    if (agreeing < terms.size()) {
      return Match.no(reason, agreeing);
    }
    if (!candidate.primary() && !anyTensor) {
      return Match.no("not the node's first output", agreeing);
    }
    return Match.yes(agreeing);
  }

  /** Whether a term looks for names that begin so. */
  public boolean asksFor(String prefix) {
    return terms.stream()
        .filter(t -> t.kind != Kind.OP && t.kind != Kind.LAYER)
        .anyMatch(t -> t.body.startsWith(prefix));
  }

  List<Term> terms() {
    return terms;
  }

  /** The pattern as it was written. */
  @Override
  public String toString() {
    return text;
  }

  private static Term term(String part, String whole) {
    boolean negated = part.startsWith("!");
    String body = negated ? part.substring(1).strip() : part;
    Kind kind = Kind.NAME;
    for (Kind k : Kind.values()) {
      if (!k.prefix.isEmpty() && body.startsWith(k.prefix)) {
        kind = k;
        body = body.substring(k.prefix.length()).strip();
        break;
      }
    }
    if (body.isEmpty()) {
      throw new RewriteException(
          "pattern \"" + whole + "\" has an empty term: write a name or glob in its place");
    }
    return new Term(kind, body, negated, test(kind, body, whole));
  }

  private static java.util.function.Predicate<String> test(Kind kind, String body, String whole) {
    return switch (kind) {
      case REGEX -> regex(body, whole);
      case OP ->
          Glob.exact(body.startsWith("ai.onnx/") ? body.substring("ai.onnx/".length()) : body)
              ::matches;
      default -> Glob.of(body)::matches;
    };
  }

  private static java.util.function.Predicate<String> regex(String body, String whole) {
    try {
      return java.util.regex.Pattern.compile(body).asMatchPredicate();
    } catch (PatternSyntaxException e) {
      throw new RewriteException(
          "pattern \""
              + whole
              + "\" is not a regular expression ("
              + e.getDescription()
              + " near index "
              + e.getIndex()
              + "): correct it, or leave out re: for a glob",
          e);
    }
  }
}
