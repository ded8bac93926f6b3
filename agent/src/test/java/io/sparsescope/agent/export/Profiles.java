package io.sparsescope.agent.export;

import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.OutputDifference;
import io.sparsescope.profile.PerRun;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.RunCost;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.util.List;

/** Profiles for tests. */
final class Profiles {
  static final String SHA = "0123456789abcdef".repeat(4);

  private Profiles() {}

  static Profile of(ModelProfile... models) {
    return new Profile(new AgentInfo("1.2", "1.29.0", 3, List.of("a: b"), "note"), List.of(models));
  }

  static ModelProfile model(String name, String sha256, String arm, List<TapProfile> taps) {
    return new ModelProfile(
        name,
        sha256,
        "graph",
        13,
        2,
        10,
        5,
        taps,
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        arm,
        new RunCost(2_500_000_000L, 125_000_000L, 4),
        arm.isEmpty() ? null : new OutputDifference(5, 0.25, 0.5, 0.75, 20, 19));
  }

  static TapProfile tap(String layer, String tensor, long elements, long zeros, long nan) {
    return new TapProfile(
        layer + "/node",
        "Relu",
        tensor,
        layer,
        "",
        TapKind.ACTIVATION,
        "float32",
        elements == 0 ? 0 : 5,
        elements,
        zeros,
        nan,
        elements == 0 ? null : new PerRun(0, 1, 0.5, 0.1),
        7);
  }
}
