package io.sparsescope.rewriter;

import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.NearMisses;
import io.sparsescope.rewriter.match.Pattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A list of rules, of which the first that matches wins, and a note of those that matched anything
 * at all (a rule that others before it always beat has matched).
 */
final class Selection<R> {
  private final List<R> rules;
  private final List<Pattern> patterns;
  private final boolean[] matched;

  Selection(List<R> rules, Function<R, String> pattern) {
    this.rules = rules;
    this.patterns = rules.stream().map(pattern).map(Pattern::parse).toList();
    this.matched = new boolean[rules.size()];
  }

  boolean isEmpty() {
    return rules.isEmpty();
  }

  /** The rule for something that goes by several candidates. */
  Optional<R> select(Stream<Candidate> candidates) {
    return select(candidates, rule -> true);
  }

  /** The rule, of those that are eligible, for something that goes by several candidates. */
  Optional<R> select(Stream<Candidate> candidates, Predicate<R> eligible) {
    List<Candidate> all = candidates.toList();
    return select(i -> eligible.test(rules.get(i)) ? all : List.of());
  }

  /** The rule for something whose candidates depend on the pattern. */
  Optional<R> selectBy(Function<Pattern, List<Candidate>> candidates) {
    return select(i -> candidates.apply(patterns.get(i)));
  }

  private Optional<R> select(IntFunction<List<Candidate>> candidates) {
    Optional<R> winner = Optional.empty();
    for (int i = 0; i < rules.size(); i++) {
      Pattern p = patterns.get(i);
      if (candidates.apply(i).stream().anyMatch(c -> p.match(c).matched())) {
        matched[i] = true;
        winner = winner.isPresent() ? winner : Optional.of(rules.get(i));
      }
    }
    return winner;
  }

  /**
   * @throws RewriteException naming the first rule that matched nothing, and what it may have meant
   */
  void requireAllMatched(String model, String list, Collection<Candidate> candidates) {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < matched.length && faults.isEmpty(); i++) {
      if (!matched[i]) {
        faults.add(
            "pattern \""
                + patterns.get(i)
                + "\" in "
                + list
                + " selects nothing in model "
                + model
                + ": "
                + NearMisses.describe(patterns.get(i), candidates));
      }
    }
    if (!faults.isEmpty()) {
      throw new RewriteException(faults.get(0));
    }
  }
}
