package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.rewriter.RewriteException;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent (paper, equation 2), with momentum as TensorFlow has it: {@code v' =
 * m v + g}, {@code w' = w - rate v'}; Nesterov's takes {@code w' = w - rate (g + m v')}.
 *
 * @param momentum m, at least 0 and less than 1; 0 for none
 * @param nesterov whether it is Nesterov's
 */
public record Sgd(double momentum, boolean nesterov) implements Optimizer {
  static final double USUAL_MOMENTUM = 0.9;
  private static final String VELOCITY = "momentum";

  public Sgd {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new RewriteException(
          "momentum " + momentum + ": give a number of at least 0 and less than 1");
    }
  }

  @Override
  public String text() {
    if (momentum == 0) {
      return "sgd";
    }
    return (nesterov ? "nesterov:" : "momentum:") + OptimizerText.write(momentum);
  }

  @Override
  public List<String> memory() {
    return momentum == 0 ? List.of() : List.of(VELOCITY);
  }

  @Override
  public Map<String, Float> scalars(long step, double rate) {
    return Map.of(LEARNING_RATE, (float) rate);
  }

  @Override
  public void emit(UpdateNodes nodes) {
    String direction = nodes.gradient();
    if (momentum != 0) {
      String m = nodes.constant("momentum", momentum);
      direction = nodes.addToNext(VELOCITY, nodes.mul(nodes.memory(VELOCITY), m), direction);
      if (nesterov) {
        direction = nodes.add(nodes.gradient(), nodes.mul(direction, m));
      }
    }
    nodes.subToParameter(nodes.mul(direction, nodes.scalar(LEARNING_RATE)));
  }
}
