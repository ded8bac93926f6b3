package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Progress;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SampleSetTest {
  private static final int WIDTH = 3;

  @Test
  void givesAnyRecordsInAnyOrder() {
    // 1 byte of memory: all of it lies in files.
    for (long memory : new long[] {1, 1 << 20}) {
      SampleSet set = read(model(-1), 300, Choice.ALL, 0, memory);
      assertThat(set.size()).isEqualTo(300);
      assertThat(set.recordsPerRun()).isEqualTo(0);
      assertThat(batch(set, 7)).containsExactly(70, 71, 72);
      assertThat(batch(set, 298, 299)).containsExactly(2980, 2981, 2982, 2990, 2991, 2992);
      assertThat(batch(set, 299, 0, 5, 5)).startsWith(2990, 2991, 2992, 0, 1, 2).hasSize(12);
      assertThat(set.label(299)).isEqualTo(299);
    }
  }

  @Test
  void partsAreNumberedAnew() {
    SampleSet part = read(model(-1), 10, Choice.ALL, 0, 1 << 20).part(new int[] {9, 2, 3});
    assertThat(part.size()).isEqualTo(3);
    assertThat(part.label(0)).isEqualTo(9);
    assertThat(batch(part, 1, 2)).containsExactly(20, 21, 22, 30, 31, 32);
    assertThat(part.part(new int[] {2}).label(0)).isEqualTo(3);
  }

  @Test
  void aFixedBatchIsFilledUp() {
    SampleSet set = read(model(4), 10, Choice.first(7), 4, 1 << 20);
    assertThat(set.size()).isEqualTo(7);
    assertThat(set.recordsPerRun()).isEqualTo(4);
    assertThat(batch(set, 5, 6)).containsExactly(50, 51, 52, 60, 61, 62, 60, 61, 62, 60, 61, 62);

    SampleSet single = read(model(1), 3, Choice.ALL, 1, 1 << 20);
    assertThat(single.recordsPerRun()).isEqualTo(1);
    assertThat(batch(single, 2)).containsExactly(20, 21, 22);
    assertThatThrownBy(() -> single.batch(new int[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aLimitTakesTheFirstOrADrawThatTheSeedDecides() {
    assertThat(labels(read(model(-1), 100, Choice.first(3), 0, 1 << 20))).containsExactly(0, 1, 2);
    List<Integer> drawn = labels(read(model(-1), 100, random(40, 5), 0, 1 << 20));
    assertThat(drawn).hasSize(40).doesNotHaveDuplicates().isSorted();
    assertThat(labels(read(model(-1), 100, random(40, 5), 0, 1 << 20))).isEqualTo(drawn);
    assertThat(labels(read(model(-1), 100, random(40, 6), 0, 1 << 20))).isNotEqualTo(drawn);
    assertThat(labels(read(model(-1), 30, random(40, 5), 0, 1 << 20))).hasSize(30);
  }

  @Test
  void everyRecordIsAsLikelyToBeDrawn() {
    int[] times = new int[10];
    for (int seed = 0; seed < 10_000; seed++) {
      BitSet drawn = Choice.draw(3, 10, seed);
      assertThat(drawn.cardinality()).isEqualTo(3);
      drawn.stream().forEach(i -> times[i]++);
    }
    // 3000 expected, standard deviation 46.
    for (int count : times) {
      assertThat(count).isBetween(2750, 3250);
    }
  }

  @Test
  void theDigestTellsOtherInputsAndLabels() {
    String digest = read(model(-1), 10, Choice.ALL, 0, 1 << 20).digest();
    assertThat(read(model(-1), 10, Choice.ALL, 0, 1).digest()).isEqualTo(digest);
    assertThat(read(model(-1), 11, Choice.ALL, 0, 1 << 20).digest()).isNotEqualTo(digest);
    SampleSet relabelled =
        SampleSet.read(
            model(-1), new Records(values(10), new int[10]), Choice.ALL, 1 << 20, Progress.NONE);
    assertThat(relabelled.digest()).isNotEqualTo(digest);
  }

  @Test
  void noRecordsAreSaid() {
    assertThatThrownBy(() -> read(model(-1), 0, Choice.ALL, 0, 1 << 20))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no records");
    assertThatThrownBy(() -> Choice.first(0))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("--limit 0");
  }

  private static Choice random(int limit, long seed) {
    return new Choice(OptionalInt.of(limit), true, seed);
  }

  private static SampleSet read(ModelFile model, int n, Choice choice, int fixed, long memory) {
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i;
    }
    return SampleSet.read(
        model, new Records(values(n), labels, fixed), choice, memory, Progress.NONE);
  }

  /** Record i holds 10 i, 10 i + 1, 10 i + 2. */
  private static float[][] values(int n) {
    float[][] values = new float[n][WIDTH];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < WIDTH; j++) {
        values[i][j] = 10 * i + j;
      }
    }
    return values;
  }

  private static List<Integer> labels(SampleSet set) {
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < set.size(); i++) {
      labels.add(set.label(i));
    }
    return labels;
  }

  private static float[] batch(SampleSet set, int... records) {
    Map<String, OnnxTensor> batch = set.batch(records);
    try (OnnxTensor tensor = batch.get("x")) {
      float[] values = tensor.getFloatBuffer().array();
      assertThat(tensor.getInfo().getShape()).containsExactly(values.length / WIDTH, WIDTH);
      return values;
    }
  }

  private static ModelFile model(long batch) {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, batch, WIDTH)
        .output("y", ElementType.FLOAT, batch, WIDTH)
        .node("Relu", List.of("x"), List.of("y"), "relu")
        .toModel("relu");
  }
}
