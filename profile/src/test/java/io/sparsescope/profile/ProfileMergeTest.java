package io.sparsescope.profile;

import static io.sparsescope.profile.Samples.counts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileMergeTest {

  @Test
  void addsCountsNotMeans() {
    Profile small = Samples.profile(run("a.onnx", 10, 10));
    Profile large = Samples.profile(run("b.onnx", 990, 0));
    ModelProfile merged = Profile.merge(List.of(large, small)).models().get(0);
    assertThat(merged.name()).isEqualTo("a.onnx");
    assertThat(merged.sessions()).isEqualTo(2);
    assertThat(merged.taps().get(0).sparsity()).isEqualTo(0.01);
    assertThat(merged.taps().get(0).perRun()).isEqualTo(new PerRun(0, 1, 0.5, 0.5));
  }

  @Test
  void keepsModelsApartThatDiffer() {
    ModelProfile base = run("a.onnx", 10, 5);
    ProfileRecorder otherTaps =
        new ProfileRecorder(base.info(), List.of(Samples.CONV1), Samples.BLOCKS);
    ProfileRecorder thresholded = Samples.recorder();
    thresholded.thresholds(List.of(new AppliedThreshold("relu1:0", TapKind.ACTIVATION, 0.1, "lt")));
    ProfileRecorder transformed = Samples.recorder();
    transformed.transforms(
        List.of(new AppliedTransform("relu1:0", TapKind.ACTIVATION, "nearest,16,8")));
    ProfileRecorder otherBytes =
        new ProfileRecorder(
            new ModelInfo("a.onnx", "cd", "main", 9),
            List.of(Samples.CONV1, Samples.CONV2, Samples.LOGITS),
            Samples.BLOCKS);
    Profile merged =
        Profile.merge(
            List.of(
                Samples.profile(base, otherTaps.snapshot()),
                Samples.profile(thresholded.snapshot(), otherBytes.snapshot()),
                Samples.profile(transformed.snapshot())));
    assertThat(merged.models()).hasSize(5);
  }

  @Test
  void addsArmsUpOneByOne() {
    Profile one = Samples.profile(Samples.arms(0.125).toArray(new ModelProfile[0]));
    Profile other = Samples.profile(Samples.arms(4).toArray(new ModelProfile[0]));
    Profile merged = Profile.merge(List.of(one, other));
    assertThat(merged.models())
        .extracting(ModelProfile::arm, ModelProfile::runs, m -> m.taps().get(0).zeros())
        .containsExactlyInAnyOrder(tuple("untouched", 2L, 100L), tuple("thresholded", 2L, 120L));
    assertThat(merged.models())
        .extracting(ModelProfile::difference)
        .containsExactlyInAnyOrder(null, new OutputDifference(8, 4, 0.75, 0.9375, 16, 14));
  }

  @Test
  void doesNotAddWeights() {
    Profile merged =
        Profile.merge(List.of(Samples.profile(Samples.model()), Samples.profile(Samples.model())));
    ModelProfile model = merged.models().get(0);
    assertThat(model.total()).isEqualTo(new Total(40, 10));
    assertThat(model.taps().get(0).counts()).isEqualTo(counts(800, 200));
    assertThat(model.blocks()).containsExactly(new BlockProfile("block1", "relu2:0", 0.05, 0.25));
  }

  @Test
  void refusesWeightsThatDiffer() {
    ProfileRecorder other = Samples.recorder();
    other.weights(List.of(Samples.weight("conv1", "block1", 10, 2)));
    assertThatThrownBy(
            () ->
                Profile.merge(
                    List.of(Samples.profile(Samples.model()), Samples.profile(other.snapshot()))))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("net.onnx")
        .hasMessageContaining("count its weights differently");
  }

  @Test
  void refusesSumsOutOfRange() {
    Profile huge = Samples.profile(run("a.onnx", Long.MAX_VALUE, 0));
    assertThatThrownBy(() -> Profile.merge(List.of(huge, huge)))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("a.onnx: counts add up to more than 2^63");
  }

  @Test
  void addsFailuresAndJoinsVersions() {
    AgentInfo a = new AgentInfo("0.1.0", "1.29.0", 2, List.of("x"), "");
    AgentInfo b = new AgentInfo("0.1.0", "1.18.0", 3, List.of("y", "x"), "sampled");
    assertThat(Profile.merge(List.of(new Profile(a, List.of()), new Profile(b, List.of()))).agent())
        .isEqualTo(new AgentInfo("0.1.0", "1.18.0, 1.29.0", 5, List.of("x", "y"), "sampled"));
  }

  @Test
  void ofNothingIsEmpty() {
    assertThat(Profile.merge(List.of()).models()).isEmpty();
  }

  private static ModelProfile run(String name, long elements, long zeros) {
    ProfileRecorder recorder =
        new ProfileRecorder(
            new ModelInfo(name, Samples.MODEL.sha256(), "main", 9),
            List.of(Samples.CONV1, Samples.CONV2, Samples.LOGITS),
            Samples.BLOCKS);
    recorder.session();
    recorder.run();
    recorder.record(new Counts[] {counts(elements, zeros), null, null});
    return recorder.snapshot();
  }
}
