package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ProfileMergePropertyTest {

  @Property
  void addsUpToWhatOneProcessWouldHaveCounted(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int processes) {
    Random random = new Random(seed);
    ProfileRecorder whole = Samples.recorder();
    List<Profile> parts = new ArrayList<>();
    for (int p = 0; p < processes; p++) {
      ProfileRecorder part = Samples.recorder();
      part.session();
      whole.session();
      int runs = random.nextInt(20);
      for (int r = 0; r < runs; r++) {
        Counts[] counts = {
          random(random), random(random), random.nextBoolean() ? null : random(random)
        };
        part.run();
        whole.run();
        part.record(counts);
        whole.record(counts);
      }
      // Through the file, as profiles of other machines come.
      parts.add(Profile.parse("p", Samples.profile(part.snapshot()).toJson()));
    }
    assertSame(Profile.merge(parts), Samples.profile(whole.snapshot()));
  }

  @Property
  void dependsNeitherOnOrderNorOnGrouping(
      @ForAll long seed, @ForAll @IntRange(min = 2, max = 7) int size) {
    Random random = new Random(seed);
    List<Profile> profiles = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      profiles.add(randomProfile(random));
    }
    Profile all = Profile.merge(profiles);
    Collections.shuffle(profiles, random);
    assertSame(Profile.merge(profiles), all);
    while (profiles.size() > 1) {
      int first = random.nextInt(profiles.size() - 1);
      Profile pair = Profile.merge(List.of(profiles.remove(first), profiles.remove(first)));
      profiles.add(random.nextInt(profiles.size() + 1), pair);
    }
    assertSame(profiles.get(0), all);
  }

  private static Profile randomProfile(Random random) {
    List<ModelProfile> models = new ArrayList<>();
    for (int m = random.nextInt(4); m > 0; m--) {
      ModelInfo model = new ModelInfo("m" + random.nextInt(3), "sha" + random.nextInt(2), "g", 13);
      List<TapInfo> taps =
          random.nextInt(4) == 0
              ? List.of(Samples.CONV1)
              : List.of(Samples.CONV1, Samples.CONV2, Samples.LOGITS);
      ProfileRecorder recorder = new ProfileRecorder(model, taps, Samples.BLOCKS);
      recorder.session();
      for (int r = random.nextInt(5); r > 0; r--) {
        Counts[] counts = new Counts[taps.size()];
        for (int i = 0; i < counts.length; i++) {
          counts[i] = random(random);
        }
        recorder.run();
        recorder.record(counts);
      }
      if (random.nextBoolean()) {
        recorder.weights(List.of(Samples.weight("conv1", "block1", 10, 1)));
      }
      if (random.nextInt(3) == 0) {
        recorder.skipped(List.of(new SkippedTap("n" + random.nextInt(3), "t", "why")));
      }
      models.add(recorder.snapshot());
    }
    AgentInfo agent =
        new AgentInfo(
            "0." + random.nextInt(3),
            "1.2" + random.nextInt(3),
            random.nextInt(5),
            List.of("message " + random.nextInt(40), "message " + random.nextInt(40)),
            random.nextBoolean() ? "" : "note " + random.nextInt(3));
    // As merging gives it, models sorted and once each.
    return Profile.merge(List.of(new Profile(agent, models), new Profile(agent, List.of())));
  }

  static Counts random(Random random) {
    long elements = random.nextInt(1000);
    long nan = elements == 0 ? 0 : random.nextInt((int) elements) / 10;
    return new Counts(elements, random.nextInt((int) (elements - nan) + 1), nan);
  }

  /** Equal, but for the rounding of means and deviations. */
  static void assertSame(Profile actual, Profile expected) {
    assertThat(actual.agent()).isEqualTo(expected.agent());
    assertThat(actual.models()).hasSameSizeAs(expected.models());
    for (int m = 0; m < actual.models().size(); m++) {
      ModelProfile a = actual.models().get(m);
      ModelProfile e = expected.models().get(m);
      assertThat(withoutTaps(a)).isEqualTo(withoutTaps(e));
      assertThat(a.taps()).hasSameSizeAs(e.taps());
      for (int t = 0; t < a.taps().size(); t++) {
        assertSame(a.taps().get(t), e.taps().get(t));
      }
    }
  }

  private static void assertSame(TapProfile a, TapProfile e) {
    assertThat(a.info()).isEqualTo(e.info());
    assertThat(a.counts()).isEqualTo(e.counts());
    assertThat(a.runs()).isEqualTo(e.runs());
    if (e.perRun() == null) {
      assertThat(a.perRun()).isNull();
      return;
    }
    assertThat(a.perRun().min()).isEqualTo(e.perRun().min());
    assertThat(a.perRun().max()).isEqualTo(e.perRun().max());
    assertThat(a.perRun().mean()).isCloseTo(e.perRun().mean(), within(1e-12));
    // Deviations are compared squared: at zero a root makes 1e-8 of a rounding of 1e-16.
    assertThat(square(a.perRun().stddev())).isCloseTo(square(e.perRun().stddev()), within(1e-12));
  }

  private static double square(double x) {
    return x * x;
  }

  private static ModelProfile withoutTaps(ModelProfile model) {
    return new ModelProfile(
        model.name(),
        model.sha256(),
        model.graph(),
        model.opset(),
        model.sessions(),
        model.runs(),
        model.sampledRuns(),
        List.of(),
        model.blocks(),
        model.total(),
        model.thresholds(),
        model.transforms(),
        model.skipped(),
        model.arm(),
        model.cost(),
        model.difference());
  }
}
