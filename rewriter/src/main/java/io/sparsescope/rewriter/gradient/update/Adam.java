package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.rewriter.RewriteException;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba, 2015, algorithm 1): {@code m' = b1 m + (1 - b1) g}, {@code v' = b2 v + (1 -
 * b2) g^2}, {@code w' = w - rate / (1 - b1^t) m' / (sqrt(v') / sqrt(1 - b2^t) + epsilon)}. The two
 * factors that depend on the step t are worked out in double and fed.
 *
 * @param beta1 b1, at least 0 and less than 1
 * @param beta2 b2, at least 0 and less than 1
 * @param epsilon above 0
 */
public record Adam(double beta1, double beta2, double epsilon) implements Optimizer {
  /** The values that its authors name. */
  public static final Adam DEFAULTS = new Adam(0.9, 0.999, 1e-8);

  private static final String FIRST = "first-moment";
  private static final String SECOND = "second-moment";
  private static final String CORRECTION = "second-moment-correction";

  public Adam {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
      throw new RewriteException(
          "adam with betas " + beta1 + ", " + beta2 + ": give numbers of at least 0, less than 1");
    }
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new RewriteException("adam with epsilon " + epsilon + ": give a number above 0");
    }
  }

  @Override
  public String text() {
    return "adam:"
        + OptimizerText.write(beta1)
        + ","
        + OptimizerText.write(beta2)
        + ","
        + OptimizerText.write(epsilon);
  }

  @Override
  public List<String> memory() {
    return List.of(FIRST, SECOND);
  }

  @Override
  public Map<String, Float> scalars(long step, double rate) {
    double first = 1 - Math.pow(beta1, step);
    double second = 1 - Math.pow(beta2, step);
    return Map.of(
        LEARNING_RATE, (float) (rate / first), CORRECTION, (float) (1 / Math.sqrt(second)));
  }

  @Override
  public void emit(UpdateNodes nodes) {
    String g = nodes.gradient();
    String first =
        nodes.addToNext(
            FIRST,
            nodes.mul(nodes.memory(FIRST), nodes.constant("beta1", beta1)),
            nodes.mul(g, nodes.constant("1-beta1", 1 - beta1)));
    String second =
        nodes.addToNext(
            SECOND,
            nodes.mul(nodes.memory(SECOND), nodes.constant("beta2", beta2)),
            nodes.mul(nodes.mul(g, g), nodes.constant("1-beta2", 1 - beta2)));
    String root = nodes.mul(nodes.sqrt(second), nodes.scalar(CORRECTION));
    String length = nodes.add(root, nodes.constant("epsilon", epsilon));
    nodes.subToParameter(nodes.mul(nodes.div(first, length), nodes.scalar(LEARNING_RATE)));
  }
}
