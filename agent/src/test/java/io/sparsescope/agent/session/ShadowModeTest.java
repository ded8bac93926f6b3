package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sampled runs are done again, later, on copies of their inputs. */
@Timeout(30)
class ShadowModeTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch mayCount = new CountDownLatch(1);

  @Test
  void doesSampledRunsAgainOnCopiesOfTheirInputs() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 2, 16);
    long session = app.create();
    for (int i = 0; i < 5; i++) {
      FakeRuntime.OnnxTensor input = app.runtime.input(i, 10 + i);
      app.run(session, input, null, "y");
      // The application uses its memory for something else at once.
      input.memory.asFloatBuffer().put(-1).put(-1);
    }
    assertThat(app.calls.finish()).isTrue();

    long second = app.runtime.counting.iterator().next();
    assertThat(app.runtime.ran).filteredOn(s -> s == session).hasSize(5);
    assertThat(app.runtime.ran).filteredOn(s -> s == second).hasSize(3);
    assertThat(app.runtime.asked).filteredOn(List.of(FakeRuntime.COUNTS)::equals).hasSize(3);
    assertThat(app.runtime.inputs)
        .filteredOn(values -> values[0] % 2 == 0)
        .hasSize(6)
        .allSatisfy(values -> assertThat(values[1]).isEqualTo(values[0] + 10));
    assertThat(app.profile().runs()).isEqualTo(5);
    assertThat(app.profile().sampledRuns()).isEqualTo(3);
    assertThat(app.profile().taps())
        .extracting(tap -> new Counts(tap.elements(), tap.zeros(), tap.nan()))
        .containsExactly(new Counts(48, 15, 0), new Counts(12, 3, 3));
    assertThat(app.profile().cost().overheadNanos()).isPositive();
    assertThat(app.runtime.tensors)
        .allSatisfy(tensor -> assertThat(tensor.closed).isEqualTo(tensor.name.equals("y") ? 0 : 1));
    assertThat(app.failures).isEmpty();
  }

  @Test
  void copiesInputsThatTheRunWritesOver() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    long session = app.create();
    FakeRuntime.OnnxTensor input = app.runtime.input(5, 6);
    app.runtime.beforePlain = () -> input.memory.asFloatBuffer().put(-1).put(-1);
    app.run(session, input, null, "y");
    app.calls.finish();

    assertThat(app.runtime.inputs.get(1)).containsExactly(5, 6);
  }

  @Test
  void dropsRunsThatFindNoPlace() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 2);
    app.runtime.beforeCounting = this::waitToCount;
    long session = app.create();
    app.run(session);
    begun.await();
    for (int i = 0; i < 5; i++) {
      app.run(session);
    }
    mayCount.countDown();
    app.calls.finish();

    assertThat(app.profile().runs()).isEqualTo(6);
    assertThat(app.profile().sampledRuns()).isEqualTo(3);
    assertThat(app.profile().cost().drops()).isEqualTo(3);
  }

  @Test
  void closesASessionOnlyWhenItsRunHasEndedAndDropsWhatWaits() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    app.runtime.beforeCounting = this::waitToCount;
    long session = app.create();
    long second = app.runtime.counting.iterator().next();
    app.run(session);
    begun.await();
    app.run(session);
    Thread closing = closing(app, session);
    while (!app.runtime.closed.contains(session) || closing.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    assertThat(app.runtime.closed).containsExactly(session);
    mayCount.countDown();
    closing.join();

    assertThat(app.runtime.closed).containsExactly(session, second);
    app.calls.finish();
    assertThat(app.profile().sampledRuns()).isEqualTo(1);
    assertThat(app.profile().cost().drops()).isEqualTo(1);
    assertThat(app.runtime.tensors)
        .filteredOn(tensor -> !tensor.name.equals("y"))
        .allSatisfy(tensor -> assertThat(tensor.closed).isEqualTo(1));
    assertThat(app.failures).isEmpty();
  }

  @Test
  void doesNotCloseTheEnvironmentUnderARun() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    app.runtime.beforeCounting = this::waitToCount;
    long session = app.create();
    app.run(session);
    begun.await();
    Thread ending =
        new Thread(
            () -> {
              try {
                app.border.closeEnvironment(1, 77, app.runtime.handle("closeEnvironment"));
              } catch (Throwable t) {
                throw new AssertionError(t);
              }
            });
    ending.start();
    while (ending.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    assertThat(app.runtime.closed).isEmpty();
    mayCount.countDown();
    ending.join();

    assertThat(app.runtime.closed).containsExactly(77L);
    assertThat(app.profile().sampledRuns()).isEqualTo(1);
    app.run(session);
    assertThat(app.profile().cost().drops()).isEqualTo(1);
  }

  @Test
  void doesNotDoAgainWhatFailed() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    long session = app.create();
    app.runtime.failRuns = new IllegalArgumentException("wrong shape");

    assertThatThrownBy(() -> app.run(session)).isSameAs(app.runtime.failRuns);
    app.calls.finish();
    assertThat(app.runtime.ran).containsExactly(session);
    assertThat(app.runtime.tensors).extracting(tensor -> tensor.closed).containsExactly(1);
    assertThat(app.failures).isEmpty();
  }

  @Test
  void tellsOfAFailureInTheShadowAndGoesOn() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    long session = app.create();
    app.runtime.failCounts = new IllegalStateException("broken");
    app.run(session);
    app.run(session);
    app.calls.finish();

    assertThat(app.failures).hasSize(2).allMatch(failure -> failure.contains("broken"));
    assertThat(app.profile().runs()).isEqualTo(2);
    assertThat(app.profile().sampledRuns()).isZero();
  }

  @Test
  void saysOnceWhyRunsWithStringsAreNotCounted() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    long session = app.create();
    FakeRuntime.OnnxTensor strings =
        new FakeRuntime.OnnxTensor(
            app.runtime,
            "strings",
            ByteBuffer.allocate(4),
            new FakeRuntime.Info(new long[] {1}, FakeRuntime.JavaType.STRING));
    app.run(session, strings, null, "y");
    app.run(session, strings, null, "y");
    app.calls.finish();

    assertThat(app.runtime.ran).containsExactly(session, session);
    assertThat(app.profile().skipped())
        .extracting(SkippedTap::reason)
        .containsExactly(
            "runs are not counted in shadow mode: its input x holds values of type STRING");
    assertThat(app.profile().cost().drops()).isZero();
    assertThat(app.failures).isEmpty();
  }

  @Test
  void doesNotDoAgainRunsWithAdapters() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    app.border.addActiveLoraAdapter(
        FakeApplication.SELF, 1, 55, 9, app.runtime.handle("addActiveLoraAdapter"));
    long session = app.create();
    FakeRuntime.OnnxTensor input = app.runtime.input(1);
    app.runWith(55, session, input);
    app.runWith(56, session, input);
    app.calls.finish();

    assertThat(app.profile().runs()).isEqualTo(2);
    assertThat(app.profile().sampledRuns()).isEqualTo(1);
    assertThat(app.profile().skipped())
        .singleElement()
        .satisfies(skip -> assertThat(skip.reason()).contains("LoRA"));
  }

  private static Thread closing(FakeApplication app, long session) {
    Thread thread =
        new Thread(
            () -> {
              try {
                app.close(session);
              } catch (Throwable t) {
                throw new AssertionError(t);
              }
            });
    thread.start();
    return thread;
  }

  private void waitToCount() {
    begun.countDown();
    try {
      if (!mayCount.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody lets it count");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
