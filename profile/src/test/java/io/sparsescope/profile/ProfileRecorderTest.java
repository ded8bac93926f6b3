package io.sparsescope.profile;

import static io.sparsescope.profile.Samples.counts;
import static io.sparsescope.profile.Samples.tap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ProfileRecorderTest {

  @Test
  void addsRunsOfUnequalSizeByElements() {
    ModelProfile model = Samples.model();
    assertThat(model.sessions()).isEqualTo(1);
    assertThat(model.runs()).isEqualTo(3);
    assertThat(model.sampledRuns()).isEqualTo(2);
    TapProfile conv1 = model.taps().get(0);
    assertThat(conv1.info()).isEqualTo(Samples.CONV1);
    assertThat(conv1.counts()).isEqualTo(counts(400, 100));
    assertThat(conv1.sparsity()).isEqualTo(0.25);
    // Of 0.4 and 0.2: mean 0.3, each 0.1 away from it.
    assertThat(conv1.perRun().min()).isEqualTo(0.2);
    assertThat(conv1.perRun().max()).isEqualTo(0.4);
    assertThat(conv1.perRun().mean()).isCloseTo(0.3, within(1e-15));
    assertThat(conv1.perRun().stddev()).isCloseTo(0.1, within(1e-15));
  }

  @Test
  void countsOnlyRunsThatComputedTheTap() {
    TapProfile logits = Samples.model().taps().get(2);
    assertThat(logits.runs()).isEqualTo(1);
    assertThat(logits.sparsity()).isEqualTo(0.0);
  }

  @Test
  void tellsRunsWhoseTensorHeldNanApart() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.run();
    recorder.record(new Counts[] {Counts.HELD_NAN, counts(4, 1), null});
    recorder.run();
    recorder.record(new Counts[] {counts(8, 2), counts(4, 1), Counts.HELD_NAN});
    Profile once = Samples.profile(recorder.snapshot());
    TapProfile conv1 = Profile.merge(List.of(once, once)).models().get(0).taps().get(0);
    assertThat(conv1.runs()).isEqualTo(2);
    assertThat(conv1.counts()).isEqualTo(counts(16, 4));
    assertThat(conv1.nanRuns()).isEqualTo(2);
    assertThat(Profile.parse("p", once.toJson())).isEqualTo(once);
    assertThat(ProfileTable.render(once, 120)).contains("0 (1 run not counted)");
    assertThat(once.toJson()).contains("\"nanRuns\"");
    assertThat(Samples.profile(Samples.model()).toJson()).doesNotContain("nanRuns");
  }

  @Test
  void leavesOutRunsWithoutElements() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.run();
    recorder.record(new Counts[] {Counts.NONE, counts(4, 1), null});
    TapProfile conv1 = recorder.snapshot().taps().get(0);
    assertThat(conv1.runs()).isZero();
    assertThat(conv1.sparsity()).isNull();
    assertThat(conv1.perRun()).isNull();
  }

  @Test
  void givesABlockTheSparsityOfItsLastActivationAndOfAllItsWeights() {
    BlockProfile block = Samples.model().blocks().get(0);
    // relu2: 10 of 200. Weights by eq. 5: (1 + 9) of (10 + 30).
    assertThat(block).isEqualTo(new BlockProfile("block1", "relu2:0", 0.05, 0.25));
    assertThat(Samples.model().total()).isEqualTo(new Total(40, 10));
    assertThat(Samples.model().total().weightSparsity()).isEqualTo(0.25);
  }

  @Test
  void takesGraphOrderFromTheTableNotFromTheTaps() {
    ProfileRecorder recorder =
        new ProfileRecorder(
            Samples.MODEL,
            List.of(tap("b", "conv2", "x"), tap("a", "conv1", "x")),
            Map.of("x", List.of("conv1", "conv2")));
    recorder.record(new Counts[] {counts(10, 1), counts(10, 9)});
    assertThat(recorder.snapshot().blocks())
        .containsExactly(new BlockProfile("x", "b:0", 0.1, null));
  }

  @Test
  void leavesABlockUnmeasuredWhoseLastActivationWasNotComputed() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.record(new Counts[] {counts(10, 1), null, null});
    assertThat(recorder.snapshot().blocks())
        .containsExactly(new BlockProfile("block1", "relu2:0", null, null));
  }

  @Test
  void countsBlocksThatOnlyTapsName() {
    ProfileRecorder recorder =
        new ProfileRecorder(Samples.MODEL, List.of(tap("a", "", "x"), tap("b", "", "x")), Map.of());
    recorder.record(new Counts[] {counts(10, 1), counts(10, 9)});
    assertThat(recorder.snapshot().blocks())
        .containsExactly(new BlockProfile("x", "b:0", 0.9, null));
  }

  @Test
  void spreadOfEqualRunsIsNil() {
    ProfileRecorder recorder = Samples.recorder();
    for (int i = 0; i < 1000; i++) {
      recorder.record(new Counts[] {counts(3, 1), counts(7, 7), counts(5, 0)});
    }
    assertThat(recorder.snapshot().taps())
        .extracting(TapProfile::perRun)
        .containsExactly(
            new PerRun(1 / 3.0, 1 / 3.0, 1 / 3.0, 0),
            new PerRun(1, 1, 1, 0),
            new PerRun(0, 0, 0, 0));
  }

  @Test
  void losesNothingBetweenThreads() throws Exception {
    ProfileRecorder recorder = Samples.recorder();
    var threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        work.add(
            () -> {
              recorder.session();
              for (int i = 0; i < 5000; i++) {
                recorder.run();
                recorder.record(new Counts[] {counts(10, 3), counts(20, 5), null});
                ModelProfile seen = recorder.snapshot();
                assertThat(seen.taps().get(0).elements()).isEqualTo(10 * seen.sampledRuns());
              }
              return null;
            });
      }
      for (var result : threads.invokeAll(work)) {
        result.get();
      }
    } finally {
      threads.shutdown();
    }
    ModelProfile model = recorder.snapshot();
    assertThat(model.sessions()).isEqualTo(8);
    assertThat(model.runs()).isEqualTo(40_000);
    assertThat(model.sampledRuns()).isEqualTo(40_000);
    assertThat(model.taps().get(0).counts()).isEqualTo(counts(400_000, 120_000));
    assertThat(model.taps().get(1).counts()).isEqualTo(counts(800_000, 200_000));
  }

  @Test
  void refusesCountsThatFitNoTap() {
    assertThatThrownBy(() -> Samples.recorder().record(new Counts[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 counts for 3 taps");
    assertThatThrownBy(() -> new WeightCounts(Samples.CONV1, Counts.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Counts(2, 2, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
