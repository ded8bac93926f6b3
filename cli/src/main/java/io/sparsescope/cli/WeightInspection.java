package io.sparsescope.cli;

import io.sparsescope.experiments.WeightCounter;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.WeightCounts;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Skip;
import io.sparsescope.rewriter.rules.Rules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What {@code inspect --weights} tells: eq. 3 a layer, eq. 5 a block and in all, each tensor once
 * in every sum.
 *
 * @param biases none if they were not asked for
 * @param layers weights of each layer together, biases not among them
 * @param blocks weights of each block together, biases not among them
 */
record WeightInspection(
    List<WeightCounts> weights,
    List<WeightCounts> biases,
    List<SkippedTap> skipped,
    Map<String, Counts> layers,
    Map<String, Counts> blocks,
    boolean biasesAsked) {

  /**
   * @param rules thresholds on weights, and blocks; scopes where there are none
   * @throws io.sparsescope.rewriter.RewriteException if the rules do not fit the model
   */
  static WeightInspection of(ModelFile model, Rules rules, boolean biases) {
    Rewrite rewrite = new Rewriter(rules, false, false).plan(model);
    WeightCounter.Result counted = WeightCounter.count(model, rewrite, biases);
    List<SkippedTap> skipped = new ArrayList<>();
    for (Skip skip : rewrite.skipped()) {
      skipped.add(new SkippedTap(skip.node(), skip.tensor(), "threshold: " + skip.reason()));
    }
    skipped.addAll(counted.skipped());
    return new WeightInspection(
        counted.weights(),
        counted.biases(),
        skipped,
        sums(counted.weights(), w -> w.weight().layer()),
        sums(counted.weights(), w -> w.weight().block()),
        biases);
  }

  /** Whether some layer has more than one weight. */
  boolean layersDifferFromWeights() {
    return layers.size() < weights.size();
  }

  Counts totalWeights() {
    return WeightCounts.sum(weights);
  }

  Counts totalBiases() {
    return WeightCounts.sum(biases);
  }

  private static Map<String, Counts> sums(
      Collection<WeightCounts> weights, Function<WeightCounts, String> group) {
    Map<String, List<WeightCounts>> groups = new LinkedHashMap<>();
    for (WeightCounts w : weights) {
      if (!group.apply(w).isEmpty()) {
        groups.computeIfAbsent(group.apply(w), g -> new ArrayList<>()).add(w);
      }
    }
    Map<String, Counts> sums = new LinkedHashMap<>();
    groups.forEach((name, members) -> sums.put(name, WeightCounts.sum(members)));
    return sums;
  }
}
