package io.sparsescope.experiments.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;

  @Test
  void topOneIsRightWhereTheLabelIsHighest() {
    assertScore("top-1", row(1, 0.5f, 2, 1.25f), 1, 0.75);
    assertScore("top-1", row(2, 0.5f, 2, 1.25f), 0, -0.75);
    assertScore("top-1", row(0, -INF, NAN, NAN), 1, Double.POSITIVE_INFINITY);
  }

  @Test
  void theFirstOfEqualValuesWins() {
    assertScore("top-1", row(0, 3, 3, 1), 1, 0);
    assertScore("top-1", row(1, 3, 3, 1), 0, 0);
    assertScore("top-1", row(1, 0.0f, -0.0f), 0, 0);
    assertScore("top-1", row(0, INF, INF), 1, 0);
    assertScore("top-1", row(1, -INF, -INF), 0, 0);
  }

  @Test
  void nanIsNeverTheHighest() {
    assertScore("top-1", row(1, NAN, 2, 1), 1, 1);
    assertScore("top-1", row(0, NAN, 2, 1), 0, Double.NEGATIVE_INFINITY);
    assertScore("top-1", row(0, NAN, NAN), 0, Double.NEGATIVE_INFINITY);
    assertScore("top-5", row(0, NAN, NAN), 0, Double.NEGATIVE_INFINITY);
    assertScore("agreement", dense(new float[] {NAN, NAN}, NAN, NAN), 0, Double.NEGATIVE_INFINITY);
    assertScore("binary", row(1, NAN), 0, Double.NEGATIVE_INFINITY);
    assertScore("binary", row(0, NAN), 0, Double.NEGATIVE_INFINITY);
  }

  @Test
  void topFiveTakesTheFiveHighest() {
    assertScore("top-5", row(6, 9, 8, 7, 6, 5, 4, 5.5f), 1, 0.5);
    assertScore("top-5", row(5, 9, 8, 7, 6, 5, 4, 5.5f), 0, -1.5);
    assertScore("top-5", row(4, 1, 2, 3, 4, 0), 1, Double.POSITIVE_INFINITY);
    assertScore("top-2", row(2, 5, 1, 1, 1), 0, 0);
    assertScore("top-2", row(1, 5, 1, 1, 1), 1, 0);
  }

  /** Against sorting all classes, by value and then by index. */
  @Property(tries = 2000)
  void topNEqualsSortingAllClasses(
      @ForAll @IntRange(min = 2, max = 12) int classes,
      @ForAll @IntRange(min = 1, max = 14) int n,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] values = new float[classes];
    for (int i = 0; i < classes; i++) {
      // Few different values, so that there are ties.
      values[i] = random.nextInt(10) == 0 ? NAN : random.nextInt(6) - 3;
    }
    int label = random.nextInt(classes);
    List<Integer> ranking =
        IntStream.range(0, classes)
            .filter(i -> !Float.isNaN(values[i]))
            .boxed()
            .sorted(
                Comparator.<Integer>comparingDouble(i -> -values[i])
                    .thenComparingInt(Integer::intValue))
            .toList();
    boolean right = ranking.subList(0, Math.min(n, ranking.size())).contains(label);
    Score score = Metrics.top(n).score(row(label, values));
    assertThat(score.value()).isEqualTo(right ? 1 : 0);
    if (Float.isNaN(values[label])) {
      assertThat(score.margin()).isEqualTo(Double.NEGATIVE_INFINITY);
      return;
    }
    double[] rivals =
        ranking.stream().filter(i -> i != label).mapToDouble(i -> values[i]).toArray();
    double expected = rivals.length < n ? Double.POSITIVE_INFINITY : values[label] - rivals[n - 1];
    assertThat(score.margin()).isEqualTo(expected);
  }

  @Test
  void oneOutputValueIsJudgedByALimit() {
    assertScore("binary", row(1, 0.75f), 1, 0.25);
    assertScore("binary", row(0, 0.75f), 0, -0.25);
    assertScore("binary", row(0, 0.5f), 1, 0);
    assertScore("binary", row(1, 0.5f), 0, 0);
    assertScore("binary:0", row(1, 0.25f), 1, 0.25);
    assertScore("binary:0", row(0, -3), 1, 3);
    assertScore("binary-agreement:0", dense(new float[] {4}, 0.5f), 1, 0.5);
    assertScore("binary-agreement:0", dense(new float[] {-4}, 0.5f), 0, -0.5);
  }

  @Test
  void agreementTakesTheDenseModelsClassForTheLabel() {
    assertScore("agreement", dense(new float[] {1, 5, 2}, 0, 3, 1), 1, 2);
    assertScore("agreement", dense(new float[] {1, 5, 2}, 4, 3, 1), 0, -1);
    // The dense model's tie goes to its first class.
    assertScore("agreement", dense(new float[] {5, 5}, 0, 1), 0, -1);
  }

  @Test
  void cosineComparesDirections() {
    assertThat(value("cosine", dense(new float[] {3, 4}, 6, 8))).isEqualTo(1);
    assertThat(value("cosine", dense(new float[] {1, 0}, 0, 7))).isZero();
    assertThat(value("cosine", dense(new float[] {1, 2}, -1, -2))).isCloseTo(-1, within(1e-15));
    // (1,1) to (1,0): 45 degrees.
    assertThat(value("cosine", dense(new float[] {1, 0}, 1, 1)))
        .isCloseTo(0.7071067811865476, within(1e-15));
    assertThat(value("cosine", dense(new float[] {0, 0}, 0, 0))).isEqualTo(1);
    assertThat(value("cosine", dense(new float[] {0, 0}, 0, 1))).isZero();
    assertThat(value("cosine", dense(new float[] {NAN, 1}, NAN, 1))).isEqualTo(1);
    assertThat(value("cosine", dense(new float[] {0, 1}, NAN, 1))).isEqualTo(-1);
    assertThat(value("cosine", dense(new float[] {1e-30f, 0}, 3e38f, 0))).isEqualTo(1);
  }

  @Test
  void maxErrorIsMinusTheLargestDifference() {
    assertScore("max-error", dense(new float[] {1, 2, 3}, 1.5f, 2, 1), -2, -2);
    assertScore("max-error", dense(new float[] {1, NAN, INF}, 1, NAN, INF), 0, 0);
    assertThat(value("max-error", dense(new float[] {1}, NAN))).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(value("max-error", dense(new float[] {INF}, -INF)))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    // Not -0.0, which sorts below the best score.
    assertThat(1 / value("max-error", dense(new float[] {1}, 1))).isPositive();
  }

  @Test
  void squaredErrorIsMinusTheMeanOfTheSquares() {
    // 0.5, 0 and -2: 4.25 over 3.
    assertScore("squared-error", dense(new float[] {1, 2, 3}, 1.5f, 2, 1), -4.25 / 3, -4.25 / 3);
    assertScore("squared-error", dense(new float[] {1, NAN, INF}, 1, NAN, INF), 0, 0);
    assertThat(value("squared-error", dense(new float[] {1}, NAN)))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(1 / value("squared-error", dense(new float[] {1}, 1))).isPositive();
  }

  @Test
  void saysWhatARowLacks() {
    assertFails("top-1", row(10, 1, 2, 3), "label 10 is none of the model's 3 classes");
    assertFails("top-1", row(-1, 1, 2, 3), "label -1 is none");
    assertFails("top-1", row(0, 0.5f), "use --metric binary for a probability");
    assertFails("binary", row(0, 0.5f, 1), "has 2 values a record");
    assertFails("binary", row(2, 0.5f), "label 2 is neither 0 nor 1");
    assertFails("agreement", dense(new float[] {1, 2, 3}, 1, 2), "the same output");
    assertFails("cosine", dense(new float[] {1, 2, 3}, 1, 2), "the same output");
    assertFails("max-error", dense(new float[] {}, 1, 2), "what it is compared with 0");
  }

  @Test
  void findsMetricsByName() {
    for (String name : List.of("top-1", "top-5", "binary", "binary:0")) {
      Metric metric = Metrics.parse(name);
      assertThat(metric.name()).isEqualTo(name);
      assertThat(metric.needsLabels()).isTrue();
      assertThat(metric.needsDense()).isFalse();
      assertThat(metric.countsHits()).isTrue();
      assertThat(metric.best()).isEqualTo(1);
    }
    for (String name : List.of("agreement", "binary-agreement", "cosine", "max-error")) {
      assertThat(Metrics.parse(name).name()).isEqualTo(name);
      assertThat(Metrics.parse(name).needsLabels()).isFalse();
      assertThat(Metrics.parse(name).needsDense()).isTrue();
    }
    assertThat(Metrics.parse("max-error").best()).isZero();
    assertThat(Metrics.parse("cosine").best()).isEqualTo(1);
  }

  @Test
  void findsAUsersOwnMetricByItsClass() {
    Metric metric = Metrics.parse(FirstValue.class.getName());
    assertThat(metric.score(row(0, 3, 4)).value()).isEqualTo(3);
  }

  /** Registered in META-INF/services, too. */
  @Test
  void findsARegisteredMetricByItsName() {
    assertThat(Metrics.parse("first-value")).isInstanceOf(FirstValue.class);
  }

  @Test
  void saysWhyThereIsNoSuchMetric() {
    assertUnknown("top-one", "write top-1, top-5, binary");
    assertUnknown("top-0", "write top-1");
    assertUnknown("binary:x", "write binary:0");
    assertUnknown("java.lang.String", "no Metric");
    assertUnknown(NoConstructor.class.getName(), "a public constructor without parameters");
    assertUnknown(Failing.class.getName(), "its constructor fails");
  }

  /** A user's own. */
  public static final class FirstValue implements Metric {
    /** As users' metrics have it. */
    public FirstValue() {}

    @Override
    public String name() {
      return "first-value";
    }

    @Override
    public boolean needsLabels() {
      return true;
    }

    @Override
    public double best() {
      return Double.POSITIVE_INFINITY;
    }

    @Override
    public Score score(Row row) {
      return new Score(row.output()[0], row.output()[0]);
    }
  }

  /** Cannot be made. */
  public abstract static class NoConstructor implements Metric {}

  /** Cannot be made either. */
  public static final class Failing implements Metric {
    /** Fails. */
    public Failing() {
      throw new IllegalStateException("no weights file");
    }

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public boolean needsLabels() {
      return true;
    }

    @Override
    public double best() {
      return 1;
    }

    @Override
    public Score score(Row row) {
      return new Score(0, 0);
    }
  }

  private static Row row(int label, float... output) {
    return new Row(output, label, new float[0]);
  }

  private static Row dense(float[] dense, float... output) {
    return new Row(output, -1, dense);
  }

  private static double value(String metric, Row row) {
    return Metrics.parse(metric).score(row).value();
  }

  private static void assertScore(String metric, Row row, double value, double margin) {
    assertThat(Metrics.parse(metric).score(row))
        .as("%s %s", metric, Arrays.toString(row.output()))
        .isEqualTo(new Score(value, margin));
  }

  private static void assertFails(String metric, Row row, String message) {
    assertThatThrownBy(() -> Metrics.parse(metric).score(row))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  private static void assertUnknown(String metric, String message) {
    assertThatThrownBy(() -> Metrics.parse(metric))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("--metric " + metric)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }
}
