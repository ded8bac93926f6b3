package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightSumTest {

  @Test
  void aTensorThatSeveralLayersReadIsInEverySumOnce() {
    ProfileRecorder recorder =
        new ProfileRecorder(
            new ModelInfo("m", "", "", 13),
            List.of(),
            Map.of("a", List.of("one", "two"), "b", List.of("three")));
    recorder.weights(
        List.of(
            weight("w", "one", "a", 10, 5),
            weight("w", "two", "a", 10, 7),
            weight("v", "two", "a", 30, 3),
            weight("w", "three", "b", 10, 7)));
    ModelProfile profile = recorder.snapshot();
    // Eq. 5 with w once, and of w what is zero to both of a's layers.
    assertThat(profile.blocks())
        .extracting(BlockProfile::weightSparsity)
        .containsExactlyInAnyOrder(8 / 40.0, 7 / 10.0);
    assertThat(profile.total()).isEqualTo(new Total(40, 8));
    assertThat(profile.weights()).hasSize(4);
    assertThat(ProfileTable.render(new Profile(AgentInfo.of("", ""), List.of(profile)), 100))
        .contains("w in one", "w in two", "w in three")
        .doesNotContain("v in");
  }

  private static WeightCounts weight(
      String tensor, String layer, String block, long elements, long zeros) {
    TapInfo info = new TapInfo(layer, "MatMul", tensor, layer, block, TapKind.WEIGHT, "float32");
    return new WeightCounts(info, new Counts(elements, zeros, 0));
  }
}
