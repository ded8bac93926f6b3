package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Small profiles for tests. */
final class Samples {
  static final ModelInfo MODEL = new ModelInfo("net.onnx", "ab".repeat(32), "main", 9);
  static final TapInfo CONV1 = tap("relu1", "conv1", "block1");
  static final TapInfo CONV2 = tap("relu2", "conv2", "block1");
  static final TapInfo LOGITS = tap("fc", "logits", "");
  static final Map<String, List<String>> BLOCKS = Map.of("block1", List.of("conv1", "conv2"));

  private Samples() {}

  static TapInfo tap(String node, String layer, String block) {
    return new TapInfo(node, "Relu", node + ":0", layer, block, TapKind.ACTIVATION, "float32");
  }

  static WeightCounts weight(String layer, String block, long elements, long zeros) {
    return new WeightCounts(
        new TapInfo(layer, "Conv", layer + ".w", layer, block, TapKind.WEIGHT, "float32"),
        new Counts(elements, zeros, 0));
  }

  static ProfileRecorder recorder() {
    return new ProfileRecorder(MODEL, List.of(CONV1, CONV2, LOGITS), BLOCKS);
  }

  static Counts counts(long elements, long zeros) {
    return new Counts(elements, zeros, 0);
  }

  static Profile profile(ModelProfile... models) {
    return new Profile(AgentInfo.of("0.1.0", "1.29.0"), List.of(models));
  }

  /** The arms of a live experiment: untouched, and with a threshold on relu1. */
  static List<ModelProfile> arms(double maxAbs) {
    List<ModelProfile> arms = new ArrayList<>();
    for (String arm : List.of("untouched", "thresholded")) {
      ProfileRecorder recorder = new ProfileRecorder(MODEL, arm, List.of(CONV1), Map.of());
      recorder.session();
      recorder.run();
      if (arm.equals("thresholded")) {
        recorder.record(new Counts[] {counts(100, 60)});
        recorder.thresholds(
            List.of(
                new AppliedThreshold("relu1:0", TapKind.ACTIVATION, 0.1, "lt"),
                new AppliedThreshold("conv1.w", TapKind.WEIGHT, 1e-9, "le")));
        recorder.difference(new OutputDifference(1, maxAbs, 0.75, 0.75, 3, 2));
        recorder.difference(new OutputDifference(3, 0, 0.99999999, 1, 5, 5));
      } else {
        recorder.record(new Counts[] {counts(100, 50)});
      }
      arms.add(recorder.snapshot());
    }
    return arms;
  }

  /** Two runs of unequal size, two weights. */
  static ModelProfile model() {
    ProfileRecorder recorder = recorder();
    recorder.session();
    for (int i = 0; i < 3; i++) {
      recorder.run();
    }
    recorder.record(new Counts[] {counts(100, 40), counts(50, 10), counts(10, 0)});
    recorder.record(new Counts[] {counts(300, 60), new Counts(150, 0, 2), null});
    recorder.weights(List.of(weight("conv1", "block1", 10, 1), weight("conv2", "block1", 30, 9)));
    return recorder.snapshot();
  }
}
