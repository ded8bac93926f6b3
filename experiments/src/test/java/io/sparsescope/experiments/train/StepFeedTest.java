package io.sparsescope.experiments.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Mask;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What steps are fed: order, augmentation, labels, masks. */
class StepFeedTest {
  @TempDir private Path folder;

  @Property(tries = 50)
  void everyEpochHasEveryRecordOnce(
      @ForAll @IntRange(min = 1, max = 300) int records, @ForAll long seed) {
    DataOrder order = new DataOrder(records, seed);
    for (int epoch = 0; epoch < 3; epoch++) {
      int[] seen = new int[records];
      for (int i = 0; i < records; i++) {
        seen[order.record((long) epoch * records + i)]++;
      }
      assertThat(Arrays.stream(seen).allMatch(n -> n == 1)).isTrue();
    }
  }

  @Test
  void ordersDifferFromEpochToEpochAndFromSeedToSeedOnly() {
    DataOrder order = new DataOrder(100, 1);
    int[] first = order(order, 0);
    int[] second = order(order, 100);
    assertThat(second).isNotEqualTo(first);
    assertThat(order(order, 0)).isEqualTo(first);
    assertThat(order(new DataOrder(100, 2), 0)).isNotEqualTo(first);
  }

  private static int[] order(DataOrder order, long from) {
    int[] records = new int[100];
    for (int i = 0; i < records.length; i++) {
      records[i] = order.record(from + i);
    }
    return records;
  }

  @Test
  void everyPlaceIsAsLikelyForEveryRecord() {
    int[] firsts = new int[5];
    for (int seed = 0; seed < 5000; seed++) {
      firsts[new DataOrder(5, seed).record(0)]++;
    }
    // 5 standard deviations of a binomial distribution are 141.
    for (int n : firsts) {
      assertThat(n).isBetween(859, 1141);
    }
  }

  @Test
  void imagesAreMirroredAndMovedAndFilledWithZeros() {
    byte[] image = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    Augmentation.Changer changer =
        Augmentation.parse("flip,crop:1").new Changer(List.of(2L, 3L, 3L));
    int[] mirrored = new int[2];
    for (int place = 0; place < 200; place++) {
      byte[] changed = new byte[18];
      changer.of(99, place).apply(ByteBuffer.wrap(image)).get(changed);
      boolean found = false;
      for (int flip = 0; flip < 2 && !found; flip++) {
        for (int right = -1; right <= 1 && !found; right++) {
          for (int down = -1; down <= 1 && !found; down++) {
            found = Arrays.equals(changed, plainly(image, flip == 1, right, down));
          }
        }
        mirrored[flip] += found ? 1 : 0;
      }
      assertThat(found).isTrue();
    }
    // 5 standard deviations are 35.
    assertThat(mirrored[1]).isBetween(65, 135);
  }

  private static byte[] plainly(byte[] image, boolean flip, int right, int down) {
    byte[] changed = new byte[18];
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 3; x++) {
          int toX = (flip ? 2 - x : x) + right;
          int toY = y + down;
          // Mirrored first, then moved.
          if (toX >= 0 && toX < 3 && toY >= 0 && toY < 3) {
            changed[c * 9 + toY * 3 + toX] = image[c * 9 + y * 3 + x];
          }
        }
      }
    }
    return changed;
  }

  @Test
  void augmentationReadsWhatItWritesAndRefusesTheRest() {
    for (String text : List.of("flip", "crop:4", "flip,crop:2")) {
      assertThat(Augmentation.parse(text).text()).isEqualTo(text);
    }
    for (String text : List.of("", "rotate", "crop:-1", "crop:9999", "flip;crop:1")) {
      assertThatThrownBy(() -> Augmentation.parse(text))
          .isInstanceOf(ExperimentException.class)
          .hasMessageContaining("write flip, crop:4 or flip,crop:4");
    }
  }

  @Test
  void arraysAreNotAugmented() {
    Perceptron net = new Perceptron(5, 60);
    TrainOptions plain = Perceptron.options("sgd", "0.1", 16, 3);
    TrainOptions options =
        new TrainOptions(
            plain.optimizer(),
            plain.schedule(),
            16,
            1,
            plain.steps(),
            plain.evaluateEvery(),
            1,
            7,
            1,
            Augmentation.parse("flip"));
    try (Trainer trainer = new Trainer(net.setup(folder, options, 0, 0), TrainListener.NONE)) {
      assertThatThrownBy(trainer::run).hasMessageContaining("holds no images; leave out --augment");
    }
  }

  @Test
  void masksDropTheirShareAndFollowFromSeedAndStepAlone() {
    Perceptron net = new Perceptron(5, 60);
    RecordSet records = net.records(folder);
    Gradients plain = Perceptron.gradients(net.model(), Loss.SOFTMAX_CROSS_ENTROPY, 0, 0);
    Gradients gradients =
        new Gradients(
            plain.model(),
            plain.objective(),
            plain.parameters(),
            plain.statistics(),
            List.of(new Mask("drop/mask", "drop", List.of(-1L, 2000L), 0.25f)),
            plain.batchInnermost(),
            plain.output());
    TrainOptions options = Perceptron.options("sgd", "0.1", 16, 3);
    Truth truth = Truth.of(net.model(), gradients, records);
    float[] third;
    try (StepFeed feed = new StepFeed(records, gradients, 16, truth, options)) {
      float[] first = mask(feed.of(0));
      float[] second = mask(feed.of(1));
      third = mask(feed.of(2));
      assertThat(second).isNotEqualTo(first);
      int dropped = 0;
      for (float value : first) {
        assertThat(value == 0 || value == 1 / 0.75f).isTrue();
        dropped += value == 0 ? 1 : 0;
      }
      // 5 standard deviations are 387.
      assertThat((double) dropped).isCloseTo(8000, within(387.0));
    }
    try (StepFeed feed = new StepFeed(records, gradients, 16, truth, options)) {
      assertThat(mask(feed.of(2))).isEqualTo(third);
    }
  }

  private static float[] mask(Map<String, OnnxTensor> feed) {
    OnnxTensor tensor = feed.get("drop/mask");
    assertThat(tensor.getInfo().getShape()).containsExactly(16, 2000);
    float[] values = new float[32000];
    tensor.getFloatBuffer().get(values);
    return values;
  }
}
