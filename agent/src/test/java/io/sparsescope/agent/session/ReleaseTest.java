package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.config.Mode;
import io.sparsescope.rewriter.rules.Live;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What is left of sessions of a stopped agent's, without a native library to help. */
class ReleaseTest {
  private static final Duration SOON = Duration.ofMillis(20);

  @Test
  void closesTheSessionBesideTheApplicationsOnce() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);
    long second = app.runtime.counting.iterator().next();
    app.calls.stop();

    assertThat(app.calls.release(SOON)).isTrue();
    assertThat(app.runtime.closed).containsExactly(second);
    assertThat(app.sessions.whenUnused(() -> {})).isTrue();
    assertThat(app.sessions.count()).isZero();
    app.run(session);
    app.close(session);
    assertThat(app.runtime.ran).containsExactly(session);
    assertThat(app.runtime.closed).containsExactly(second, session);
    assertThat(app.failures).isEmpty();
    assertThat(object).isNotNull();
  }

  @Test
  void closesTheSessionOfShadowRuns() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.SHADOW, 1, 4);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);
    app.run(session);
    app.calls.stop();

    assertThat(app.calls.release(Duration.ofSeconds(30))).isTrue();
    assertThat(app.runtime.closed).containsExactlyElementsOf(app.runtime.counting);
    assertThat(app.failures).isEmpty();
    assertThat(object).isNotNull();
  }

  @Test
  void closesASessionOnlyWhenTheRunInItHasEnded() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);
    long second = app.runtime.counting.iterator().next();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    app.runtime.beforeCounting =
        () -> {
          running.countDown();
          try {
            mayEnd.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    AtomicReference<Object> given = new AtomicReference<>();
    Thread application =
        new Thread(
            () -> {
              try {
                given.set(app.run(session)[0]);
              } catch (Throwable t) {
                given.set(t);
              }
            });
    application.start();
    running.await();
    app.calls.stop();

    assertThat(app.calls.release(SOON)).isFalse();
    assertThat(app.runtime.closed).isEmpty();
    CountDownLatch unused = new CountDownLatch(1);
    assertThat(app.sessions.whenUnused(unused::countDown)).isFalse();
    // Others do not use it any more.
    app.run(session);
    assertThat(app.runtime.ran).endsWith(session);
    mayEnd.countDown();
    application.join();
    unused.await();
    assertThat(given.get()).isInstanceOf(FakeRuntime.OnnxTensor.class);
    assertThat(app.runtime.closed).containsExactly(second);
    assertThat(app.failures).isEmpty();
    assertThat(object).isNotNull();
  }

  @Test
  void leavesToTheApplicationWhatItHasClosedItself() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    app.open(session);
    long second = app.runtime.counting.iterator().next();
    app.calls.stop();
    app.close(session);

    assertThat(app.calls.release(SOON)).isTrue();
    assertThat(app.runtime.closed).containsExactly(session, second);
  }

  @Test
  void closesTheModelWithThresholds() throws Throwable {
    Rules rules =
        new Rules(
                List.of(),
                List.of(new ThresholdRule("relu1", 0.5, false, false, false)),
                List.of("op:Relu"),
                Map.of())
            .withLive(Optional.of(new Live(1, 1)));
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4, rules);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);
    app.run(session);
    app.calls.stop();

    assertThat(app.calls.release(Duration.ofSeconds(30))).isTrue();
    assertThat(app.runtime.closed)
        .containsExactlyInAnyOrderElementsOf(app.runtime.counting)
        .hasSize(2)
        .doesNotContain(session);
    app.run(session);
    assertThat(app.runtime.ran).endsWith(session);
    assertThat(app.failures).isEmpty();
    assertThat(object).isNotNull();
  }

  @Test
  void holdsASessionOfARewrittenModelAndSaysWhy() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 1, 4);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);
    app.calls.stop();

    assertThat(app.calls.release(SOON)).isTrue();
    assertThat(app.runtime.closed).isEmpty();
    assertThat(app.sessions.hiding()).isEqualTo(1);
    assertThat(app.sessions.reasons()).singleElement().asString().contains("no native library");
    CountDownLatch unused = new CountDownLatch(1);
    assertThat(app.sessions.whenUnused(unused::countDown)).isFalse();
    app.close(session);
    assertThat(unused.getCount()).isZero();
    assertThat(app.runtime.closed).containsExactly(session);
    assertThat(object).isNotNull();
  }

  @Test
  void hasNothingToDoWithSessionsOfAnAgentThatRuns() throws Throwable {
    FakeApplication app = new FakeApplication(Mode.INLINE, 2, 4);
    long session = app.create();
    FakeApplication.FakeSession object = app.open(session);

    assertThat(app.calls.release(SOON)).isTrue();
    assertThat(app.runtime.closed).isEmpty();
    app.run(session);
    assertThat(app.runtime.ran).doesNotContain(session);
    assertThat(object).isNotNull();
  }
}
