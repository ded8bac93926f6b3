package io.sparsescope.rewriter.match;

/**
 * The outcome of matching one candidate against a pattern.
 *
 * @param matched whether the pattern selects the candidate
 * @param reason why not, in a few words; "" if it does
 * @param agreeing how many of the pattern's terms agree with the candidate
 */
public record Match(boolean matched, String reason, int agreeing) {

  static Match yes(int terms) {
    return new Match(true, "", terms);
  }

  static Match no(String reason, int agreeing) {
    return new Match(false, reason, agreeing);
  }
}
