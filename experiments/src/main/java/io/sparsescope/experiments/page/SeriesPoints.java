package io.sparsescope.experiments.page;

import io.sparsescope.experiments.page.PageData.Trained;
import io.sparsescope.experiments.train.series.DoubleSeries;
import io.sparsescope.experiments.train.series.TrainingSeries;
import java.util.LinkedHashMap;
import java.util.Map;

/** Takes from a training series as many steps as a page or a picture holds well. */
final class SeriesPoints {
  /** Numbers that a series may have on the page: about seven bytes each. */
  static final int ON_A_PAGE = 1_500_000;

  /** Numbers that a series may have in a picture, which has two thousand pixels for its steps. */
  static final int IN_A_PICTURE = 50_000;

  private static final double DIGITS = 1e5;

  private SeriesPoints() {}

  /**
   * @param most numbers that it may have, of which every step has one a layer and three more
   */
  static Trained of(String label, TrainingSeries series, int most) {
    Map<String, DoubleSeries> layers = series.gradientSparsity();
    int counted = series.steps().size();
    long numbers = (long) counted * (layers.size() + 3);
    int every = (int) Math.max(1, (numbers + most - 1) / most);
    int points = (counted + every - 1) / every;
    long[] steps = new long[points];
    for (int i = 0; i < points; i++) {
      steps[i] = series.steps().get(i * every);
    }
    Map<String, double[]> sparsity = new LinkedHashMap<>();
    for (Map.Entry<String, DoubleSeries> layer : layers.entrySet()) {
      sparsity.put(layer.getKey(), thinned(layer.getValue(), every, points));
    }
    return new Trained(
        label,
        series.net(),
        series.options(),
        counted,
        every,
        steps,
        thinned(series.loss(), every, points),
        thinned(series.total(), every, points),
        sparsity,
        series.accuracySteps().toArray(),
        series.accuracy().toArray(),
        series.baselineAccuracy(),
        series.finalSparsity());
  }

  /** Rounded to what can be seen. */
  private static double[] thinned(DoubleSeries of, int every, int points) {
    double[] kept = new double[points];
    for (int i = 0; i < points; i++) {
      double value = of.get(i * every);
      kept[i] = Double.isFinite(value) ? Math.round(value * DIGITS) / DIGITS : value;
    }
    return kept;
  }
}
