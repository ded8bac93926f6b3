package io.sparsescope.rewriter.rules;

import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to do at which nodes; in each list the first rule that matches a node wins.
 *
 * @param weights thresholds and other transforms on weights
 * @param activations those on activations
 * @param gradients those on gradients, in a training step's model; patterns select by the names of
 *     the parameters ({@link io.sparsescope.rewriter.match.GradientTensors})
 * @param intrinsic those on tensors inside layers: what a layer's nodes produce, but for its
 *     activation
 * @param taps patterns of what to count
 * @param blocks patterns by block name, in order
 * @param live how the agent tries the thresholds on a live model, empty for not at all; nothing
 *     else heeds it
 */
public record Rules(
    List<Rule> weights,
    List<Rule> activations,
    List<Rule> gradients,
    List<Rule> intrinsic,
    List<String> taps,
    Map<String, String> blocks,
    Optional<Live> live) {

  public static final Rules NONE = new Rules(List.of(), List.of(), List.of(), Map.of());

  /**
   * @throws io.sparsescope.rewriter.RewriteException if a pattern cannot be understood, or a rule
   *     on gradients has something to bake
   */
  public Rules {
    weights = List.copyOf(weights);
    activations = List.copyOf(activations);
    gradients = List.copyOf(gradients);
    intrinsic = List.copyOf(intrinsic);
    taps = List.copyOf(taps);
    blocks = Collections.unmodifiableMap(new LinkedHashMap<>(blocks));
    taps.forEach(Pattern::parse);
    blocks.values().forEach(Pattern::parse);
    gradients.forEach(Rules::requireNotBaked);
  }

  /**
   * Rules for a model as it is, not for the inside of its layers; the rest is said by {@code with}
   * methods.
   *
   * @throws io.sparsescope.rewriter.RewriteException if a pattern cannot be understood
   */
  public Rules(
      List<? extends Rule> weights,
      List<? extends Rule> activations,
      List<String> taps,
      Map<String, String> blocks) {
    this(
        List.copyOf(weights),
        List.copyOf(activations),
        List.of(),
        List.of(),
        taps,
        blocks,
        Optional.empty());
  }

  /** Whether any tensor of a model in use is changed, which has no gradients. */
  public boolean hasTransforms() {
    return !weights.isEmpty() || !activations.isEmpty() || !intrinsic.isEmpty();
  }

  /** These rules with others on gradients. */
  public Rules withGradients(List<? extends Rule> others) {
    return new Rules(weights, activations, List.copyOf(others), intrinsic, taps, blocks, live);
  }

  /** These rules with others for the inside of layers. */
  public Rules withIntrinsic(List<? extends Rule> others) {
    return new Rules(weights, activations, gradients, List.copyOf(others), taps, blocks, live);
  }

  /** These rules with other taps. */
  public Rules withTaps(List<String> others) {
    return new Rules(weights, activations, gradients, intrinsic, others, blocks, live);
  }

  /** These rules, tried on live models in another way. */
  public Rules withLive(Optional<Live> other) {
    return new Rules(weights, activations, gradients, intrinsic, taps, blocks, other);
  }

  /** These rules without those that change a tensor, not for live models. */
  public Rules tapsOnly() {
    return new Rules(List.of(), List.of(), taps, blocks);
  }

  /**
   * Reads a rule file: JSON if its name ends in {@code .json}, else YAML.
   *
   * @throws io.sparsescope.rewriter.RewriteException naming the file, the key and the remedy
   */
  public static Rules read(Path file) {
    return RuleFile.read(file);
  }

  /**
   * Writes the rules as a YAML file that {@link #read} reads back as equal rules, into a temporary
   * file first that is then moved into place.
   *
   * @throws io.sparsescope.rewriter.RewriteException if the file cannot be written
   */
  public void write(Path file) {
    RuleFile.write(this, file);
  }

  /** These rules, and behind them those of {@code other}; live as these say, if they do. */
  public Rules and(Rules other) {
    Map<String, String> both = new LinkedHashMap<>(blocks);
    other.blocks.forEach(both::putIfAbsent);
    return new Rules(
        joined(weights, other.weights),
        joined(activations, other.activations),
        joined(gradients, other.gradients),
        joined(intrinsic, other.intrinsic),
        joined(taps, other.taps),
        both,
        live.or(() -> other.live));
  }

  /** These rules for a model in a file, which none of live models' matters concern. */
  public Rules offline() {
    return withLive(Optional.empty());
  }

  private static void requireNotBaked(Rule rule) {
    if (rule.bake()) {
      throw new RewriteException(
          "pattern \""
              + rule.match()
              + "\" is to be baked into gradients, which no file holds:"
              + " take out bake");
    }
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
