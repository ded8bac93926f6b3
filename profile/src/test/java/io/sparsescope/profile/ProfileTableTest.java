package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileTableTest {

  @Test
  void showsAProfileAsATable() {
    assertThat(ProfileTable.render(Samples.profile(Samples.model()), 100))
        .isEqualTo(
            """
            net.onnx: 1 session, 3 runs, 2 counted
              tensor  op    type     runs  elements  zeros  sparsity       min..max  NaN
              conv1   Relu  float32     2       400    100    25.00%  20.00..40.00%    0
              conv2   Relu  float32     2       200     10     5.00%   0.00..20.00%    2
              logits  Relu  float32     1        10      0     0.00%    0.00..0.00%    0
              weight   op    type     runs  elements  zeros  sparsity
              conv1.w  Conv  float32     1        10      1    10.00%
              conv2.w  Conv  float32     1        30      9    30.00%
              block   activation  weights
              block1       5.00%   25.00%
              total                25.00%
            """);
  }

  @Test
  void showsTheArmsOfALiveExperimentAndHowFarTheyAreApart() {
    assertThat(ProfileTable.render(new Profile(null, Samples.arms(0.125)), 100))
        .isEqualTo(
            """
            net.onnx, arm untouched: 1 session, 1 run, 1 counted
              tensor  op    type     runs  elements  zeros  sparsity
              conv1   Relu  float32     1       100     50    50.00%
              block   activation  weights
              block1      50.00%        -

            net.onnx, arm thresholded: 1 session, 1 run, 1 counted
              tensor  op    type     runs  elements  zeros  sparsity
              conv1   Relu  float32     1       100     60    60.00%
              block   activation  weights
              block1      60.00%        -
              threshold on  kind        zero if |x|
              relu1:0       activation  < 0.1
              conv1.w       weight      <= 1e-9
              outputs against the untouched model's
              runs compared  max abs  min cosine  mean cosine   same top-1
                          4    0.125    0.750000     0.937500  87.50% of 8
            """);
    assertThat(
            ProfileTable.render(
                new Profile(null, Samples.arms(Double.POSITIVE_INFINITY).subList(1, 2)), 100))
        .contains(" infinite ");
  }

  @Test
  void saysWhatWasNotMeasuredWhatWasSkippedAndWhatFailed() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.skipped(List.of(new SkippedTap("text", "t:0", "elements of type string")));
    AgentInfo agent = new AgentInfo("0.1.0", "1.29.0", 1, List.of("cannot count"), "half");
    assertThat(ProfileTable.render(new Profile(agent, List.of(recorder.snapshot())), 100))
        .isEqualTo(
            """
            net.onnx: 0 sessions, 0 runs, 0 counted
              tensor  op    type     runs  elements  zeros  sparsity
              conv1   Relu  float32     0         0      0         -
              conv2   Relu  float32     0         0      0         -
              logits  Relu  float32     0         0      0         -
              block   activation  weights
              block1           -        -
              not counted
                text: elements of type string
            1 failure
              cannot count
            note: half
            """);
    assertThat(ProfileTable.render(Samples.profile(), 80)).isEqualTo("no model was run\n");
  }

  @Test
  void shortensLongNamesInTheMiddleToFit() {
    String name = "model/encoder/layer.11/attention/output/dense/MatMul_output";
    ProfileRecorder recorder =
        new ProfileRecorder(Samples.MODEL, List.of(Samples.tap(name, "", "")), java.util.Map.of());
    String text = ProfileTable.render(Samples.profile(recorder.snapshot()), 80);
    assertThat(text.lines()).allMatch(line -> line.length() <= 80);
    assertThat(text).contains("model/encoder").contains("MatMul_output").contains("…");
    assertThat(ProfileTable.shorten("abcdefghijklmnop", 13)).isEqualTo("abcdef…klmnop");
  }

  @Test
  void doesNotRoundToNothingOrAll() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.record(
        new Counts[] {
          Samples.counts(1_000_000, 1), Samples.counts(1_000_000, 999_999), Samples.counts(1, 1)
        });
    assertThat(ProfileTable.render(Samples.profile(recorder.snapshot()), 100))
        .contains(" 0.01%", " 99.99%", " 100.00%");
  }
}
