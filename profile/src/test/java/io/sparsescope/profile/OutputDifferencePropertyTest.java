package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class OutputDifferencePropertyTest {

  @Property
  void sumsDependNeitherOnOrderNorOnGrouping(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int size) {
    Random random = new Random(seed);
    List<OutputDifference> parts = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      parts.add(random.nextInt(6) == 0 ? OutputDifference.NONE : random(random));
    }
    OutputDifference all = parts.stream().reduce(OutputDifference.NONE, OutputDifference::plus);

    // Weighted by runs, computed in one go.
    long runs = parts.stream().mapToLong(OutputDifference::runs).sum();
    double mean =
        runs == 0
            ? 1
            : parts.stream().mapToDouble(part -> part.meanCosine() * part.runs()).sum() / runs;
    assertThat(all.runs()).isEqualTo(runs);
    assertThat(all.meanCosine()).isCloseTo(mean, within(1e-12));

    Collections.shuffle(parts, random);
    while (parts.size() > 1) {
      OutputDifference pair =
          parts
              .remove(random.nextInt(parts.size()))
              .plus(parts.remove(random.nextInt(parts.size())));
      parts.add(random.nextInt(parts.size() + 1), pair);
    }
    assertSame(parts.get(0), all);
  }

  @Property
  void agreesWithAPlainComparison(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 5) int rows,
      @ForAll @IntRange(min = 2, max = 9) int classes) {
    Random random = new Random(seed);
    float[] x = values(random, rows * classes);
    float[] y = random.nextBoolean() ? values(random, x.length) : x.clone();
    double maxAbs = 0;
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      maxAbs = Math.max(maxAbs, Math.abs((double) x[i] - y[i]));
      dot += (double) x[i] * y[i];
      xx += (double) x[i] * x[i];
      yy += (double) y[i] * y[i];
    }
    int agreeing = 0;
    for (int r = 0; r < rows; r++) {
      agreeing += largest(x, r, classes) == largest(y, r, classes) ? 1 : 0;
    }
    double cosine = xx == 0 || yy == 0 ? (xx == yy ? 1 : 0) : dot / Math.sqrt(xx * yy);

    OutputDifference difference =
        OutputDifference.between(List.of(output(x, classes)), List.of(output(y, classes)));
    assertSame(difference, new OutputDifference(1, maxAbs, cosine, cosine, rows, agreeing));
  }

  private static int largest(float[] values, int row, int classes) {
    int largest = 0;
    for (int c = 1; c < classes; c++) {
      if (values[row * classes + c] > values[row * classes + largest]) {
        largest = c;
      }
    }
    return largest;
  }

  private static float[] values(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      // With ties and zeros.
      values[i] = random.nextInt(7) - 3;
    }
    return values;
  }

  private static OutputValue output(float[] values, int classes) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return new OutputValue(
        "float32", List.of((long) values.length / classes, (long) classes), bytes);
  }

  private static OutputDifference random(Random random) {
    double min = 2 * random.nextDouble() - 1;
    long rows = random.nextInt(100);
    return new OutputDifference(
        1 + random.nextInt(1000),
        random.nextInt(20) == 0 ? Double.POSITIVE_INFINITY : random.nextDouble(),
        min,
        min + (1 - min) * random.nextDouble(),
        rows,
        random.nextInt((int) rows + 1));
  }

  private static void assertSame(OutputDifference actual, OutputDifference expected) {
    assertThat(actual.runs()).isEqualTo(expected.runs());
    assertThat(actual.maxAbs()).isEqualTo(expected.maxAbs());
    assertThat(actual.minCosine()).isCloseTo(expected.minCosine(), within(1e-12));
    assertThat(actual.meanCosine()).isCloseTo(expected.meanCosine(), within(1e-12));
    assertThat(actual.rows()).isEqualTo(expected.rows());
    assertThat(actual.agreeing()).isEqualTo(expected.agreeing());
  }
}
