package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** A session of ours beside the application's, which counts the sampled runs. */
class TwoSessionsTest {

  @Test
  void countsSampledRunsInASessionOfItsOwnAndLeavesTheApplicationsAlone() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 3, 4);
    long session = app.create();
    for (int i = 0; i < 10; i++) {
      Object[] values = app.run(session);
      assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("y");
    }

    assertThat(app.runtime.loaded).contains(app.model).hasSize(2);
    assertThat(app.runtime.counting).hasSize(1).doesNotContain(session);
    long second = app.runtime.counting.iterator().next();
    assertThat(app.runtime.ran)
        .containsExactly(
            second, session, session, second, session, session, second, session, session, second);
    assertThat(app.runtime.asked).filteredOn(names -> names.size() == 1).hasSize(6);
    ModelProfile profile = app.profile();
    assertThat(profile.sessions()).isEqualTo(1);
    assertThat(profile.runs()).isEqualTo(10);
    assertThat(profile.sampledRuns()).isEqualTo(4);
    assertThat(profile.taps())
        .extracting(tap -> new Counts(tap.elements(), tap.zeros(), tap.nan()))
        .containsExactly(new Counts(64, 20, 0), new Counts(16, 4, 4));
    assertThat(profile.cost().runNanos()).isPositive();
    assertThat(app.failures).isEmpty();
  }

  @Test
  void hasNothingToHide() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 3, 4);
    long session = app.create();

    assertThat(
            app.border.getOutputNames(
                FakeApplication.SELF, 1, session, 4, app.runtime.handle("getOutputNames")))
        .containsExactly("y", "z", "sum", "q", "ksum");
    assertThat(
            app.border.getNumOutputs(
                FakeApplication.SELF, 1, session, app.runtime.handle("getNumOutputs")))
        .isEqualTo(5);
  }

  @Test
  void worksInTheFormThatReturnsOutputs() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    Object[] first = app.runReturning(session);
    Object[] second = app.runReturning(session);

    assertThat(first).hasSize(1).hasOnlyElementsOfType(FakeRuntime.OnnxTensor.class);
    assertThat(second).hasSize(1);
    assertThat(app.profile().sampledRuns()).isEqualTo(1);
    assertThat(app.runtime.tensors).extracting(t -> t.closed).containsExactly(0, 1, 0);
  }

  @Test
  void givesPinnedOutputsToTheSessionThatRuns() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    FakeRuntime.OnnxTensor pin = app.runtime.input(0);
    Object[] values = app.run(session, app.runtime.input(1), pin, "y", "z");

    assertThat(values[0]).isSameAs(pin);
    assertThat(((FakeRuntime.OnnxTensor) values[1]).name).isEqualTo("z");
  }

  @Test
  void closesBoth() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    long second = app.runtime.counting.iterator().next();
    app.close(session);

    assertThat(app.runtime.closed).containsExactly(session, second);
    assertThat(app.sessions.count()).isZero();
  }

  @Test
  void doesWithoutASecondSessionThatCannotBeCreated() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    app.runtime.refuseCounts = new IllegalStateException("no memory left");
    long session = app.create();
    app.run(session);
    app.close(session);

    assertThat(app.failures).singleElement().asString().contains("no memory left");
    assertThat(app.profile().skipped())
        .singleElement()
        .satisfies(skip -> assertThat(skip.reason()).contains("no memory left"));
    assertThat(app.profile().runs()).isEqualTo(1);
    assertThat(app.runtime.ran).containsExactly(session);
    assertThat(app.runtime.closed).containsExactly(session);
  }

  @Test
  void givesTheApplicationTheExceptionOfItsOwnModelAndClosesTheSecondSessionLater()
      throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    IllegalStateException own = new IllegalStateException("own");
    app.runtime.refusePlain = own;
    assertThatThrownBy(app::create).isSameAs(own);
    app.runtime.refusePlain = null;
    long abandoned = app.runtime.counting.iterator().next();

    assertThat(app.profiled.snapshot()).isEmpty();
    long session = app.create();
    app.close(session);
    assertThat(app.runtime.closed).hasSize(3).contains(session, abandoned);
  }

  @Test
  void repeatsASampledRunThatFailsInTheApplicationsOwnSession() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    app.runtime.failCounts = new IllegalStateException("out of memory");
    Object[] values = app.run(session);

    assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("y");
    assertThat(app.runtime.ran).hasSize(2).endsWith(session);
    assertThat(app.failures).singleElement().asString().contains("out of memory");
    assertThat(app.profile().runs()).isEqualTo(1);
    assertThat(app.profile().sampledRuns()).isZero();
  }

  @Test
  void givesTheApplicationTheExceptionOfItsOwnSession() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    app.runtime.failRuns = new IllegalArgumentException("wrong shape");

    assertThatThrownBy(() -> app.run(session)).isSameAs(app.runtime.failRuns);
    assertThat(app.runtime.ran).hasSize(2).endsWith(session);
    assertThat(app.failures).isEmpty();
    assertThat(app.profile().runs()).isZero();
  }

  @Test
  void countsInTheApplicationsOwnSessionWhereOnnxRuntimeProfilesIt() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 2, 4);
    Object options = FakeApplication.SELF;
    app.border.enableProfiling(options, 1, 3, "prefix", app.runtime.handle("save"));
    long profiled = app.create();
    for (int i = 0; i < 4; i++) {
      app.run(profiled);
    }

    assertThat(app.runtime.loaded).hasSize(1);
    assertThat(app.profile().sampledRuns()).isEqualTo(2);
    assertThat(app.profile().skipped())
        .singleElement()
        .satisfies(skip -> assertThat(skip.reason()).contains("profiler on"));
    assertThat(app.warnings).singleElement().asString().contains("profiler on");

    app.border.disableProfiling(options, 1, 3, app.runtime.handle("stopProfiling"));
    app.create();
    assertThat(app.runtime.loaded).hasSize(3);
  }

  @Test
  void createsOneAfterTheOtherWithOtherProviders() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    List<Thread> threads = new ArrayList<>();
    app.runtime.whileLoading = () -> threads.add(Thread.currentThread());
    app.border.addsProvider(3);
    app.create();

    assertThat(threads).containsExactly(Thread.currentThread(), Thread.currentThread());
    assertThat(app.runtime.loaded.get(0)).isSameAs(app.model);
  }

  @Test
  void countsEveryNthRunOfManyThreads() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 4, 4);
    long session = app.create();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        runs.add(
            pool.submit(
                () -> {
                  try {
                    return app.run(session);
                  } catch (Throwable t) {
                    throw new AssertionError(t);
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      pool.shutdown();
    }

    assertThat(app.profile().runs()).isEqualTo(400);
    assertThat(app.profile().sampledRuns()).isEqualTo(100);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void closesItsOwnSessionThoughTheAgentWasStopped() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    long second = app.runtime.counting.iterator().next();
    app.calls.stop();
    app.run(session);

    assertThat(app.runtime.ran).containsExactly(session);
    assertThat(app.sessions.whenUnused(() -> {})).isFalse();
    app.close(session);
    assertThat(app.runtime.closed).containsExactly(session, second);
  }
}
