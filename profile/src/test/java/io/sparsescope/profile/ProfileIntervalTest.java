package io.sparsescope.profile;

import static io.sparsescope.profile.Samples.counts;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Intervals of a recorder, and its beginning anew. */
class ProfileIntervalTest {

  @Test
  void anIntervalHoldsItsOwnRunsOnly() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.session();
    run(recorder, counts(10, 4));
    recorder.cost(100, 7);
    recorder.takeInterval();
    run(recorder, counts(10, 9));
    recorder.run();
    recorder.cost(50, 0);
    recorder.dropped();
    recorder.difference(new OutputDifference(1, 0.5, 0.9, 0.9, 2, 1));

    assertThat(recorder.intervalRuns()).isEqualTo(2);
    ModelProfile second = recorder.takeInterval();
    assertThat(second.sessions()).isZero();
    assertThat(second.runs()).isEqualTo(2);
    assertThat(second.sampledRuns()).isEqualTo(1);
    assertThat(second.taps().get(0).counts()).isEqualTo(counts(10, 9));
    assertThat(second.taps().get(0).perRun()).isEqualTo(new PerRun(0.9, 0.9, 0.9, 0));
    assertThat(second.cost()).isEqualTo(new RunCost(50, 0, 1));
    assertThat(second.difference()).isEqualTo(new OutputDifference(1, 0.5, 0.9, 0.9, 2, 1));
    assertThat(recorder.intervalRuns()).isZero();

    ModelProfile all = recorder.snapshot();
    assertThat(all.sessions()).isEqualTo(1);
    assertThat(all.runs()).isEqualTo(3);
    assertThat(all.taps().get(0).counts()).isEqualTo(counts(20, 13));
    assertThat(all.taps().get(0).perRun().min()).isEqualTo(0.4);
    assertThat(all.cost()).isEqualTo(new RunCost(150, 7, 1));
  }

  @Test
  void beginsAnewButForSessionsAndWhatIsInForce() {
    ProfileRecorder recorder = Samples.recorder();
    AppliedThreshold threshold = new AppliedThreshold("t", TapKind.ACTIVATION, 0.5, "lt");
    SkippedTap skipped = new SkippedTap("n", "t", "why");
    recorder.thresholds(List.of(threshold));
    recorder.skipped(List.of(skipped));
    recorder.weights(List.of(Samples.weight("conv1", "block1", 10, 1)));
    recorder.session();
    run(recorder, counts(10, 4));
    recorder.takeInterval();
    run(recorder, counts(10, 4));
    recorder.cost(100, 7);
    recorder.dropped();
    recorder.difference(OutputDifference.NONE);
    recorder.reset();

    ProfileRecorder fresh = Samples.recorder();
    fresh.thresholds(List.of(threshold));
    fresh.skipped(List.of(skipped));
    fresh.weights(List.of(Samples.weight("conv1", "block1", 10, 1)));
    fresh.session();
    assertThat(recorder.snapshot()).isEqualTo(fresh.snapshot());

    run(recorder, counts(10, 1));
    run(fresh, counts(10, 1));
    assertThat(recorder.takeInterval()).isEqualTo(fresh.snapshot());
  }

  @Test
  void showsARunThatIsRecordedInTheNextIntervalOnceInAll() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.run();
    List<Profile> intervals = new ArrayList<>();
    intervals.add(Samples.profile(recorder.takeInterval()));
    recorder.record(new Counts[] {counts(10, 4), null, null});
    intervals.add(Samples.profile(recorder.takeInterval()));
    run(recorder, counts(10, 4));
    recorder.run();
    intervals.add(Samples.profile(recorder.takeInterval()));

    assertThat(Profile.merge(intervals).models().get(0).runs()).isEqualTo(3);
    assertThat(recorder.snapshot().runs()).isEqualTo(3);
    assertThat(recorder.snapshot().sampledRuns()).isEqualTo(2);
  }

  @Property(tries = 300)
  void intervalsMergeToWhatIsCountedInAll(@ForAll long seed) {
    Random random = new Random(seed);
    ProfileRecorder recorder = Samples.recorder();
    ProfileRecorder whole = Samples.recorder();
    List<Profile> intervals = new ArrayList<>();
    for (int step = random.nextInt(60); step > 0; step--) {
      switch (random.nextInt(8)) {
        case 0 -> intervals.add(reread(recorder.takeInterval()));
        case 1 -> {
          recorder.session();
          whole.session();
        }
        case 2 -> {
          recorder.run();
          whole.run();
          recorder.cost(10, 1);
          whole.cost(10, 1);
        }
        case 3 -> {
          if (random.nextInt(8) == 0) {
            recorder.reset();
            intervals.clear();
            long sessions = whole.snapshot().sessions();
            whole = Samples.recorder();
            for (long s = 0; s < sessions; s++) {
              whole.session();
            }
          }
        }
        default -> {
          Counts[] counts = {ProfileMergePropertyTest.random(random), counts(8, 1), null};
          for (ProfileRecorder each : List.of(recorder, whole)) {
            each.run();
            each.record(counts);
          }
        }
      }
    }
    intervals.add(reread(recorder.takeInterval()));
    Profile expected = Samples.profile(whole.snapshot());
    ProfileMergePropertyTest.assertSame(Samples.profile(recorder.snapshot()), expected);
    ProfileMergePropertyTest.assertSame(Profile.merge(intervals), expected);
  }

  @Test
  void losesNothingWhileRunsGoOn() throws Exception {
    ProfileRecorder recorder = Samples.recorder();
    List<Profile> intervals = new ArrayList<>(List.of(Samples.profile()));
    var threads = Executors.newFixedThreadPool(4);
    AtomicInteger left = new AtomicInteger(4);
    try {
      List<Future<?>> work = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        work.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20_000; i++) {
                    run(recorder, counts(10, 3));
                  }
                  left.decrementAndGet();
                }));
      }
      while (left.get() > 0) {
        Profile next = Samples.profile(recorder.takeInterval());
        intervals.set(0, Profile.merge(List.of(intervals.get(0), next)));
      }
      for (Future<?> each : work) {
        each.get();
      }
    } finally {
      threads.shutdown();
    }
    intervals.add(Samples.profile(recorder.takeInterval()));
    for (ModelProfile all :
        List.of(recorder.snapshot(), Profile.merge(intervals).models().get(0))) {
      assertThat(all.sampledRuns()).isEqualTo(80_000);
      assertThat(all.taps().get(0).counts()).isEqualTo(counts(800_000, 240_000));
      assertThat(all.taps().get(0).runs()).isEqualTo(80_000);
    }
    assertThat(recorder.snapshot().runs()).isEqualTo(80_000);
  }

  private static Profile reread(ModelProfile model) {
    return Profile.parse("interval", Samples.profile(model).toJson());
  }

  private static void run(ProfileRecorder recorder, Counts first) {
    recorder.run();
    recorder.record(new Counts[] {first, counts(8, 1), null});
  }
}
