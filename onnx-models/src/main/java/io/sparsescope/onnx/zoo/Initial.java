package io.sparsescope.onnx.zoo;

/** First values of a parameter, drawn by seed: the same seed gives the same bytes anywhere. */
interface Initial {
  /**
   * One value.
   *
   * @param draws where to draw from
   * @param fanIn how many inputs one output of the layer reads
   * @param fanOut how many outputs one input of the layer reaches
   */
  float draw(Draws draws, long fanIn, long fanOut);

  /** The same value everywhere. */
  static Initial constant(float value) {
    return (draws, fanIn, fanOut) -> value;
  }

  /** Normal around 0; what is off by more than two standard deviations is drawn again. */
  static Initial truncatedNormal(double stddev) {
    return (draws, fanIn, fanOut) -> (float) (stddev * truncated(draws));
  }

  /** Uniform with variance 2 / (fan-in + fan-out): Xavier's, the default of TF-Slim. */
  static Initial xavier() {
    return (draws, fanIn, fanOut) ->
        (float) ((2 * draws.uniform() - 1) * Math.sqrt(6.0 / (fanIn + fanOut)));
  }

  /**
   * Truncated normal with variance 2 / fan-in, which suits ReLU: He's, TF-Slim's {@code
   * variance_scaling_initializer}. Cutting the tails off takes variance away; like TF-Slim this
   * gives 1.3 times as much before.
   */
  static Initial he() {
    return (draws, fanIn, fanOut) -> (float) (Math.sqrt(1.3 * 2 / fanIn) * truncated(draws));
  }

  private static double truncated(Draws draws) {
    double value = draws.normal();
    while (Math.abs(value) > 2) {
      value = draws.normal();
    }
    return value;
  }
}
