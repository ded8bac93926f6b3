package io.sparsescope.rewriter.rules;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to do at which nodes; in each list the first rule that matches a node wins.
 *
 * @param weights thresholds on weights
 * @param activations thresholds on activations
 * @param taps patterns of what to count
 * @param blocks patterns by block name, in order
 */
public record Rules(
    List<ThresholdRule> weights,
    List<ThresholdRule> activations,
    List<String> taps,
    Map<String, String> blocks) {

  public static final Rules NONE = new Rules(List.of(), List.of(), List.of(), Map.of());

  /**
   * Reads a rule file, YAML or JSON.
   *
   * @throws io.sparsescope.rewriter.RewriteException naming the file, the key and the remedy
   */
  public static Rules read(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /** These rules, and behind them those of {@code other}. */
  public Rules and(Rules other) {
    throw new UnsupportedOperationException(other.toString());
  }
}
