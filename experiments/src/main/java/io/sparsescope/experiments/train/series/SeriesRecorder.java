package io.sparsescope.experiments.train.series;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Takes a training run down. Every k-th step is counted; when more than the given number of points
 * would have to be kept, every other one is dropped and k doubles, so that memory is bounded and
 * what is kept depends on nothing but the number of steps. Not safe for use by several threads.
 */
public final class SeriesRecorder {
  private final List<CountedGradient> gradients;
  private final int maxPoints;
  private long every;
  private final Growing steps = new Growing();
  private final Growing loss = new Growing();
  private final Growing accuracySteps = new Growing();
  private final Growing accuracy = new Growing();
  private final List<Growing> zeros = new ArrayList<>();
  private final List<Growing> zerosBefore = new ArrayList<>();

  /**
   * @param gradients in the order in which counts will be given
   * @param every k: steps k, 2k, 3k... are counted
   * @param maxPoints how many of them are kept at most, 2 or more
   */
  public SeriesRecorder(List<CountedGradient> gradients, long every, int maxPoints) {
    if (every < 1 || maxPoints < 2) {
      throw new IllegalArgumentException(
          "every " + every + " steps, at most " + maxPoints + " points");
    }
    this.gradients = List.copyOf(gradients);
    this.every = every;
    this.maxPoints = maxPoints;
    for (int i = 0; i < gradients.size(); i++) {
      zeros.add(new Growing());
      zerosBefore.add(new Growing());
    }
  }

  /** Whether a step is to be counted. */
  public boolean wants(long step) {
    return step % every == 0;
  }

  /**
   * Takes a step down.
   *
   * @param step its number, higher than that of any before
   * @param loss what it was
   * @param after zeros of each gradient
   * @param before those before any transform
   */
  public void record(long step, double loss, long[] after, long[] before) {
    steps.add(step);
    this.loss.add(loss);
    for (int i = 0; i < gradients.size(); i++) {
      zeros.get(i).add(after[i]);
      zerosBefore.get(i).add(before[i]);
    }
    while (steps.size() > maxPoints) {
      thin();
    }
  }

  /** Takes an accuracy down that was measured behind a step. */
  public void recordAccuracy(long step, double share) {
    accuracySteps.add(step);
    accuracy.add(share);
  }

  /**
   * Goes on with a series as it was behind a step: what it tells of later ones is forgotten.
   * Nothing must have been recorded yet.
   *
   * @throws IllegalArgumentException if it is of other gradients, or does not count every k-th step
   */
  public void restore(TrainingSeries series, long step) {
    if (!series.gradients().stream().map(SeriesRecorder::counted).toList().equals(gradients)
        || series.countedEvery() % every != 0) {
      throw new IllegalArgumentException("the series is of other gradients or other steps");
    }
    every = series.countedEvery();
    for (int i = 0; i < series.steps().size() && series.steps().get(i) <= step; i++) {
      record(
          series.steps().get(i),
          series.loss().get(i),
          at(i, series, GradientSeries::zeros),
          at(i, series, GradientSeries::zerosBefore));
    }
    LongSeries measured = series.accuracySteps();
    for (int i = 0; i < measured.size() && measured.get(i) <= step; i++) {
      recordAccuracy(measured.get(i), series.accuracy().get(i));
    }
  }

  /**
   * What was recorded.
   *
   * @param net the net's name
   * @param options what the run was started with
   */
  public TrainingSeries series(String net, Map<String, String> options) {
    List<GradientSeries> all = new ArrayList<>();
    for (int i = 0; i < gradients.size(); i++) {
      CountedGradient g = gradients.get(i);
      all.add(
          new GradientSeries(
              g.parameter(),
              g.layer(),
              g.block(),
              g.elements(),
              g.elementBytes(),
              zeros.get(i).longs(),
              zerosBefore.get(i).longs()));
    }
    return new TrainingSeries(
        net,
        options,
        every,
        steps.longs(),
        loss.doubles(),
        accuracySteps.longs(),
        accuracy.doubles(),
        null,
        all);
  }

  private void thin() {
    every *= 2;
    int[] kept = IntStream.range(0, steps.size()).filter(i -> wants(steps.get(i))).toArray();
    steps.keep(kept);
    loss.keep(kept);
    zeros.forEach(column -> column.keep(kept));
    zerosBefore.forEach(column -> column.keep(kept));
  }

  private static CountedGradient counted(GradientSeries g) {
    return new CountedGradient(g.parameter(), g.layer(), g.block(), g.elements(), g.elementBytes());
  }

  private static long[] at(
      int step, TrainingSeries series, Function<GradientSeries, LongSeries> column) {
    return series.gradients().stream().mapToLong(g -> column.apply(g).get(step)).toArray();
  }
}
