package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.profile.AppliedThreshold;
import io.sparsescope.profile.AppliedTransform;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.OutputDifference;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapKind;
import io.sparsescope.rewriter.rules.Live;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thresholds are tried by a session of ours beside the application's. */
@Timeout(30)
class LiveSessionsTest {

  @Test
  void answersItsShareOfTheRunsAndRecordsBothArms() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(0.3, 0));
    long session = app.create();
    for (int i = 0; i < 40; i++) {
      app.run(session);
    }

    long thresholded = session + 1;
    assertThat(app.runtime.ran).hasSize(40).filteredOn(s -> s == thresholded).hasSize(12);
    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs, ModelProfile::sampledRuns)
        .containsExactly(tuple("untouched", 28L, 28L), tuple("thresholded", 12L, 12L));
    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::thresholds)
        .containsExactly(
            List.of(), List.of(new AppliedThreshold("r1", TapKind.ACTIVATION, 0.5, "lt")));
    assertThat(app.failures).isEmpty();
    assertThat(app.warnings).isEmpty();
  }

  @Test
  void triesOtherTransformsLikeThresholds() throws Throwable {
    Rules rules =
        new Rules(
                List.of(),
                List.of(Rule.of("relu1", "nearest,8,4", false, false, false, false)),
                List.of("op:Relu"),
                Map.of())
            .withLive(Optional.of(new Live(0.5, 0)));
    FakeApplication app = new FakeApplication(Mode.INLINE, 1, 16, rules);
    long session = app.create();
    for (int i = 0; i < 4; i++) {
      app.run(session);
    }
    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs, ModelProfile::transforms)
        .containsExactly(
            tuple("untouched", 2L, List.of()),
            tuple(
                "thresholded",
                2L,
                List.of(new AppliedTransform("r1", TapKind.ACTIVATION, "nearest,8,4"))));
    assertThat(app.failures).isEmpty();
  }

  @Test
  void samplesBothArmsAlike() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 2, new Live(0.5, 0));
    long session = app.create();
    for (int i = 0; i < 40; i++) {
      app.run(session);
    }

    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs, ModelProfile::sampledRuns)
        .containsExactly(tuple("untouched", 20L, 10L), tuple("thresholded", 20L, 10L));
    assertThat(app.runtime.asked).filteredOn(names -> names.size() == 2).hasSize(20);
  }

  @Test
  void countsBothArmsApartInShadowMode() throws Throwable {
    FakeApplication app = app(Mode.SHADOW, 2, new Live(0.5, 0));
    long session = app.create();
    for (int i = 0; i < 8; i++) {
      app.run(session);
    }
    app.calls.finish();

    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs, ModelProfile::sampledRuns)
        .containsExactly(tuple("untouched", 4L, 2L), tuple("thresholded", 4L, 2L));
    assertThat(app.runtime.asked).filteredOn(List.of(FakeRuntime.COUNTS)::equals).hasSize(4);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void keepsPinnedOutputsAsTheyAre() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 2, new Live(1, 0));
    long session = app.create();
    for (int i = 0; i < 2; i++) {
      FakeRuntime.OnnxTensor pinned = app.runtime.input(7);
      Object[] values = app.run(session, app.runtime.input(1), pinned, "y", "z");
      assertThat(values[0]).isSameAs(pinned);
      assertThat(((FakeRuntime.OnnxTensor) values[1]).name).isEqualTo("z");
    }
    assertThat(app.runtime.ran).doesNotContain(session);
  }

  @Test
  void answersInTheFormBefore117() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 2, new Live(0.5, 1));
    long session = app.create();
    for (int i = 0; i < 4; i++) {
      Object[] values = app.runReturning(session);
      assertThat(values).isInstanceOf(FakeRuntime.OnnxTensor[].class).hasSize(1);
    }
    app.calls.finish();

    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs)
        .containsExactly(tuple("untouched", 2L), tuple("thresholded", 2L));
    assertThat(thresholded(app).difference().runs()).isEqualTo(4);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void comparesOnCopiesAndClosesWhatItMade() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(0, 0.5));
    long session = app.create();
    for (int i = 0; i < 4; i++) {
      FakeRuntime.OnnxTensor input = app.runtime.input(i, 10 + i);
      app.run(session, input, null, "y");
      input.memory.asFloatBuffer().put(-1).put(-1);
    }
    app.calls.finish();

    assertThat(app.runtime.ran).filteredOn(s -> s == session).hasSize(6);
    assertThat(app.runtime.ran).filteredOn(s -> s == session + 1).hasSize(2);
    assertThat(app.runtime.inputs)
        .hasSize(8)
        .allSatisfy(values -> assertThat(values[1]).isEqualTo(values[0] + 10));
    assertThat(thresholded(app).difference()).isEqualTo(new OutputDifference(2, 0, 1, 1, 0, 0));
    assertThat(thresholded(app).runs()).isZero();
    assertThat(thresholded(app).cost().overheadNanos()).isPositive();
    // Of y the application has 4 and we had 2 for each comparison.
    assertThat(app.runtime.tensors).filteredOn(t -> t.name.equals("y") && t.closed == 0).hasSize(4);
    assertThat(app.runtime.tensors).filteredOn(t -> t.name.equals("y") && t.closed == 1).hasSize(4);
    assertThat(app.runtime.tensors)
        .filteredOn(t -> !t.name.equals("y"))
        .allSatisfy(t -> assertThat(t.closed).isEqualTo(1));
    assertThat(app.failures).isEmpty();
  }

  @Test
  void doesNotCompareWhatFailedOrHasAnAdapter() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(0, 1));
    long session = app.create();
    app.runtime.failRuns = new IllegalArgumentException("wrong shape");
    assertThatThrownBy(() -> app.run(session)).isSameAs(app.runtime.failRuns);
    app.runtime.failRuns = null;
    app.border.addActiveLoraAdapter(
        FakeApplication.SELF, 1, 55, 66, app.runtime.handle("addActiveLoraAdapter"));
    app.runWith(55, session, app.runtime.input(1));
    app.calls.finish();

    assertThat(app.runtime.ran).containsOnly(session).hasSize(2);
    assertThat(thresholded(app).difference()).isNull();
    assertThat(thresholded(app).skipped())
        .extracting(SkippedTap::reason)
        .containsExactly("runs are not compared: its run options hold a LoRA adapter");
    assertThat(app.failures).isEmpty();
  }

  @Test
  void answersWithTheModelAsItWasIfTheOtherFails() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(1, 0));
    long session = app.create();
    app.runtime.failing.put(session + 1, new IllegalStateException("no kernel"));
    Object[] values = app.run(session);

    assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("y");
    assertThat(app.runtime.ran).containsExactly(session + 1, session);
    assertThat(app.failures)
        .singleElement()
        .asString()
        .contains("running the model with thresholds", "no kernel");
    assertThat(app.profiled.snapshot())
        .extracting(ModelProfile::arm, ModelProfile::runs)
        .containsExactly(tuple("untouched", 1L), tuple("thresholded", 0L));
  }

  @Test
  void throwsTheApplicationsOwnFailure() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(1, 0));
    long session = app.create();
    app.runtime.failing.put(session + 1, new IllegalArgumentException("theirs"));
    RuntimeException own = new IllegalArgumentException("own");
    app.runtime.failing.put(session, own);

    assertThatThrownBy(() -> app.run(session)).isSameAs(own);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void triesNothingIfTheModelWithThresholdsCannotBeLoaded() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(1, 1));
    app.runtime.whileLoading =
        () -> {
          if (app.runtime.loaded.size() == 2) {
            throw new IllegalStateException("refused");
          }
        };
    long session = app.create();
    app.run(session);

    assertThat(app.runtime.ran).containsExactly(session);
    assertThat(app.profile().arm()).isEmpty();
    assertThat(app.profile().sampledRuns()).isEqualTo(1);
    assertThat(app.profile().skipped())
        .extracting(SkippedTap::reason)
        .singleElement()
        .asString()
        .startsWith("thresholds are not tried: ")
        .contains("refused");
    assertThat(app.failures).singleElement().asString().contains("with thresholds", "refused");
    assertThat(app.warnings).singleElement().asString().contains("are not tried");
  }

  @Test
  void triesNothingWhereOnnxRuntimeProfiles() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(1, 1));
    app.border.enableProfiling(FakeApplication.SELF, 1, 3, "p", app.runtime.handle("save"));
    app.run(app.create());

    assertThat(app.runtime.loaded).hasSize(1);
    assertThat(app.profile().arm()).isEmpty();
    assertThat(app.profile().skipped().get(0).reason())
        .contains("thresholds are not tried", "profiler");
  }

  @Test
  void triesNothingWhereNoRuleMatches() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 1, 4, rules("none", new Live(1, 1)));
    app.run(app.create());

    assertThat(app.runtime.loaded).hasSize(1);
    assertThat(app.profile().arm()).isEmpty();
    assertThat(app.profile().skipped()).isEmpty();
    assertThat(app.warnings).isEmpty();
  }

  @Test
  void closesBothSessionsOnceTheComparisonHasEndedAndDropsWhatWaits() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(0, 1));
    long session = app.create();
    CountDownLatch comparing = new CountDownLatch(1);
    CountDownLatch mayCompare = new CountDownLatch(1);
    Thread application = Thread.currentThread();
    app.runtime.beforePlain =
        () -> {
          if (Thread.currentThread() != application) {
            comparing.countDown();
            try {
              mayCompare.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          }
        };
    app.run(session);
    comparing.await();
    app.run(session);
    Thread closing =
        new Thread(
            () -> {
              try {
                app.close(session);
              } catch (Throwable t) {
                throw new AssertionError(t);
              }
            });
    closing.start();
    while (closing.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(app.runtime.closed).isEmpty();
    mayCompare.countDown();
    closing.join();

    assertThat(app.runtime.closed).containsExactly(session, session + 1);
    app.calls.finish();
    assertThat(thresholded(app).difference().runs()).isEqualTo(1);
    assertThat(thresholded(app).cost().drops()).isEqualTo(1);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void triesNothingOnceStoppedAndStillClosesItsSession() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(1, 0));
    long session = app.create();
    app.run(session);
    app.calls.stop();
    app.run(session);
    app.close(session);

    assertThat(app.runtime.ran).containsExactly(session + 1, session);
    assertThat(app.runtime.closed).containsExactly(session, session + 1);
    assertThat(app.sessions.hiding()).isZero();
  }

  @Test
  void choosesOtherRunsInEachSession() throws Throwable {
    FakeApplication app = app(Mode.INLINE, 1, new Live(0.5, 0));
    for (int i = 0; i < 100; i++) {
      long session = app.create();
      app.run(session);
      app.close(session);
    }

    // 50 expected, with a deviation of 5.
    assertThat(thresholded(app).runs()).isBetween(25L, 75L);
    assertThat(app.runtime.closed).hasSize(200).doesNotHaveDuplicates();
  }

  private static FakeApplication app(Mode mode, int every, Live live) throws Exception {
    return new FakeApplication(mode, every, 16, rules("relu1", live));
  }

  private static Rules rules(String match, Live live) {
    return new Rules(
            List.of(),
            List.of(new ThresholdRule(match, 0.5, false, false, false)),
            List.of("op:Relu"),
            Map.of())
        .withLive(Optional.of(live));
  }

  private static ModelProfile thresholded(FakeApplication app) {
    return app.profiled.snapshot().get(1);
  }
}
