package io.sparsescope.experiments.train.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.ExperimentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingSeriesTest {
  @TempDir Path folder;

  private static final List<CountedGradient> GRADIENTS =
      List.of(
          new CountedGradient("conv1/weights", "conv1", "body", 100, 4),
          new CountedGradient("conv1/biases", "conv1", "body", 10, 4),
          new CountedGradient("fc/weights", "fc", "", 1000, 4));

  private static TrainingSeries small() {
    SeriesRecorder recorder = new SeriesRecorder(GRADIENTS, 2, 100);
    recorder.record(2, 1.5, new long[] {50, 5, 700}, new long[] {1, 0, 0});
    recorder.record(4, 0.25, new long[] {100, 10, 999}, new long[] {2, 1, 3});
    recorder.recordAccuracy(4, 0.75);
    return recorder.series("LeNet", Map.of("batch", "128"));
  }

  @Test
  void gradientsAreGroupedLikeTheWeightsTheyBelongTo() {
    TrainingSeries series = small();
    assertThat(series.gradientSparsity())
        .containsExactly(
            Map.entry("conv1", DoubleSeries.of(0.5, 1)),
            Map.entry("fc", DoubleSeries.of(0.7, 0.999)));
    assertThat(series.blockSparsity()).containsExactly(Map.entry("body", DoubleSeries.of(0.5, 1)));
    assertThat(series.total()).isEqualTo(DoubleSeries.of(755 / 1110.0, 1109 / 1110.0));
    assertThat(series.totalBefore()).isEqualTo(DoubleSeries.of(1 / 1110.0, 6 / 1110.0));
    assertThat(series.finalAccuracy()).isEqualTo(0.75);
    assertThat(series.finalSparsity()).isEqualTo(1109 / 1110.0);
  }

  @Test
  void bytesOnTheWireFollowFromTheCounts() {
    WireBytes bytes = small().bytes();
    assertThat(bytes.dense()).isEqualTo(4440);
    // 50 + 5 + 300 elements are left, then 1: 8 bytes each, or 13 + 2 + 125 bytes of bits and 4
    // each.
    assertThat(bytes.index()).isEqualTo(LongSeries.of(355 * 8, 8));
    assertThat(bytes.bitmap()).isEqualTo(LongSeries.of(140 + 355 * 4, 140 + 4));
  }

  @Test
  void theFileReadsBackAsItWasWritten() throws IOException {
    TrainingSeries series = small().withBaseline(0.8);
    Path file = folder.resolve("series.json");
    series.writeTo(file);
    assertThat(TrainingSeries.read(file)).isEqualTo(series);
    assertThat(folder.toFile().list()).containsExactly("series.json");
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertThat(json.get("format").asText()).isEqualTo("sparsescope-training");
    assertThat(json.get("version").asInt()).isEqualTo(1);
    assertThat(json.get("net").asText()).isEqualTo("LeNet");
    assertThat(json.get("steps").toString()).isEqualTo("[2,4]");
    assertThat(json.at("/gradientSparsity/fc/1").asDouble()).isEqualTo(0.999);
    assertThat(json.at("/total/0").asDouble()).isEqualTo(755 / 1110.0);
    assertThat(json.get("loss").toString()).isEqualTo("[1.5,0.25]");
    assertThat(json.get("accuracy").toString()).isEqualTo("[0.75]");
    assertThat(json.get("baselineAccuracy").asDouble()).isEqualTo(0.8);
    assertThat(json.at("/options/batch").asText()).isEqualTo("128");
    assertThat(json.at("/bytes/bitmap/1").asLong()).isEqualTo(144);
    assertThat(json.at("/gradients/2/zeros/0").asLong()).isEqualTo(700);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"format\": \"sparsescope-search\", \"version\": 1} | no training series (format"
            + " sparsescope-search); name a file that 'sparsescope train' wrote",
        "{} | no training series (no \"format\"); name a file that 'sparsescope train' wrote",
        "{\"format\": \"sparsescope-training\", \"version\": 2} | a training series of version 2,"
            + " but this Sparsescope reads up to 1; use a newer Sparsescope",
        "{\"format\": \"sparsescope-training\", \"version\": 1, \"steps\": [1, | no JSON, or cut off"
            + " at line 1; train again",
      })
  void aFileThatIsNoneIsRefusedInOneLine(String content, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("x.json"), content);
    assertThatThrownBy(() -> TrainingSeries.read(file))
        .isInstanceOf(ExperimentException.class)
        .hasMessage(file + ": " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"steps\": [1, 2], \"loss\": [1] | loss has 1 entries, steps 2",
        "\"steps\": [2, 2], \"loss\": [1, 1] | steps has 2 where a higher number is due",
        "\"steps\": [0], \"loss\": [1] | steps has 0 where a higher number is due",
        "\"steps\": [1], \"loss\": [1], \"gradients\": [{\"parameter\": \"w\", \"elements\": 3,"
            + " \"elementBytes\": 4, \"zeros\": [4]}] | w has 4 zeros among 3 elements",
        "\"steps\": [1], \"loss\": [1], \"gradients\": [{\"parameter\": \"w\", \"elements\": 3,"
            + " \"elementBytes\": 4, \"zeros\": []}] | zeros of w has 0 entries, steps 1",
        "\"countedEvery\": 0 | countedEvery is 0",
        "\"accuracy\": [0.5] | accuracy has 1 entries, accuracySteps 0",
        "\"steps\": 5 | Cannot deserialize value of type `long[]`",
      })
  void numbersThatDoNotGoTogetherAreDamage(String content, String why) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("x.json"),
            "{\"format\": \"sparsescope-training\", \"version\": 1, \"countedEvery\": 1, "
                + content
                + "}");
    assertThatThrownBy(() -> TrainingSeries.read(file))
        .isInstanceOf(ExperimentException.class)
        .hasMessageStartingWith(file + ": a damaged training series (")
        .hasMessageContaining(why)
        .hasMessageEndingWith("); train again");
  }

  @Test
  void pointsAreBoundedAndDependOnTheNumberOfStepsAlone() {
    int every = 3;
    int max = 50;
    int last = 10_007;
    Random random = new Random(7);
    long[] counts = random.longs(last + 1, 0, 101).toArray();
    SeriesRecorder whole = recorder(every, max);
    run(whole, counts, 1, last);
    TrainingSeries series = whole.series("net", Map.of());
    // The smallest 3 * 2^j of which at most 50 multiples are among the steps.
    long stride = every;
    while (last / stride > max) {
      stride *= 2;
    }
    assertThat(series.countedEvery()).isEqualTo(stride);
    assertThat(series.steps().size()).isEqualTo((int) (last / stride));
    for (int i = 0; i < series.steps().size(); i++) {
      long step = stride * (i + 1);
      assertThat(series.steps().get(i)).isEqualTo(step);
      assertThat(series.gradients().get(0).zeros().get(i)).isEqualTo(counts[(int) step]);
      assertThat(series.gradients().get(0).zerosBefore().get(i)).isEqualTo(counts[(int) step] / 2);
      assertThat(series.loss().get(i)).isEqualTo(1.0 / step);
    }

    for (int cut : new int[] {1, 2, 149, 150, 151, 4711, last}) {
      SeriesRecorder before = recorder(every, max);
      // The file may be newer than the checkpoint.
      run(before, counts, 1, Math.min(last, cut + 500));
      SeriesRecorder after = recorder(every, max);
      after.restore(before.series("net", Map.of()), cut);
      run(after, counts, cut + 1, last);
      assertThat(after.series("net", Map.of())).isEqualTo(series);
    }
  }

  @Test
  void aSeriesOfOtherGradientsIsNotGoneOnWith() {
    SeriesRecorder other = new SeriesRecorder(GRADIENTS.subList(0, 2), 2, 100);
    assertThatThrownBy(() -> other.restore(small(), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the series is of other gradients or other steps");
  }

  @Test
  void aHundredThousandStepsOfATallNetFitIntoASmallHeap() {
    List<CountedGradient> many =
        IntStream.range(0, 50)
            .mapToObj(i -> new CountedGradient("p" + i, "l" + i, "", 1 << 20, 4))
            .toList();
    SeriesRecorder recorder = new SeriesRecorder(many, 1, 2_000);
    long[] counts = new long[50];
    for (int step = 1; step <= 100_000; step++) {
      if (recorder.wants(step)) {
        recorder.record(step, 0, counts, counts);
      }
    }
    TrainingSeries series = recorder.series("tall", Map.of());
    assertThat(series.countedEvery()).isEqualTo(64);
    assertThat(series.steps().size()).isEqualTo(100_000 / 64);
  }

  private static SeriesRecorder recorder(int every, int max) {
    return new SeriesRecorder(GRADIENTS.subList(0, 1), every, max);
  }

  private static void run(SeriesRecorder recorder, long[] counts, int from, int to) {
    for (int step = from; step <= to; step++) {
      if (recorder.wants(step)) {
        recorder.record(step, 1.0 / step, new long[] {counts[step]}, new long[] {counts[step] / 2});
      }
      if (step % 1000 == 0) {
        recorder.recordAccuracy(step, step / 1e6);
      }
    }
  }
}
