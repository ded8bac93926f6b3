package io.sparsescope.agent.session;

import io.sparsescope.agent.sampling.SessionSampler;
import io.sparsescope.profile.ProfileRecorder;
import java.util.Map;

/**
 * What is done about a run: whether it is counted, by which native session, and what is recorded of
 * it. Nothing of a run that is not counted is allocated or locked here. Throws only what a counted
 * run throws to the application.
 */
final class Runs {
  private final OrtInputs inputs;
  private final Counting counting;

  /** Null if runs are counted where they are. */
  private final Shadow shadow;

  Runs(OrtInputs inputs, Counting counting, Shadow shadow) {
    this.inputs = inputs;
    this.counting = counting;
    this.shadow = shadow;
  }

  /** Elements of the inputs of a run that begins; nought where that does not matter. */
  long size(Session session, Object inputMap) {
    try {
      return session.counted() != null && session.compares() && inputMap instanceof Map<?, ?> map
          ? inputs.elements(map)
          : 0;
    } catch (Throwable t) {
      counting.failed("asking for the size of inputs", t);
      return 0;
    }
  }

  /** What is reserved for counting a run that begins, {@link SessionSampler#NO} if it is not. */
  long admit(Session session, long size) {
    try {
      return session.counted() == null ? SessionSampler.NO : session.sampler().admit(size);
    } catch (Throwable t) {
      counting.failed("deciding whether to count a run", t);
      return SessionSampler.NO;
    }
  }

  /** A run that was not counted where it is has succeeded. */
  void ran(Session session, long size, long begun) {
    try {
      ProfileRecorder recorder = session.recorder();
      if (recorder != null) {
        long nanos = System.nanoTime() - begun;
        recorder.run();
        recorder.cost(nanos, 0);
        if (session.counted() != null) {
          session.sampler().ran(size, nanos);
        }
      }
    } catch (Throwable t) {
      counting.failed("recording a run", t);
    }
  }

  /**
   * Sees to a sampled run: does it, counting, or prepares it to be done again.
   *
   * @param outputValues the array for the application's outputs, filled if the run was done; null
   *     in versions that have none
   * @param outputs handles of pinned outputs, or null
   * @throws Throwable what the application's own run has thrown
   */
  Sampled sample(
      Session session,
      NativeRun run,
      String[] inputNames,
      long[] handles,
      String[] outputNames,
      Object[] outputValues,
      long[] outputs,
      long runOptions,
      Object inputMap,
      long size,
      long reserved)
      throws Throwable {
    Arm arm = session.counted();
    if (arm == null) {
      // The agent was stopped just now.
      cancelled(session, reserved);
      return Sampled.NOT;
    }
    if (session.isShadowed()) {
      return Sampled.later(
          shadow.prepare(
              session,
              arm,
              run,
              inputNames,
              (Map<?, ?>) inputMap,
              outputValues,
              runOptions,
              size,
              reserved));
    }
    boolean second = session.second() != 0;
    if (second && !session.usage.enter()) {
      // It is about to be closed: the agent was stopped just now.
      cancelled(session, reserved);
      return Sampled.NOT;
    }
    try {
      return count(
          session,
          arm,
          run,
          inputNames,
          handles,
          outputNames,
          outputValues,
          outputs,
          runOptions,
          size,
          reserved);
    } finally {
      if (second) {
        session.usage.users.decrementAndGet();
      }
    }
  }

  /** Does a run in the session that counts. */
  private Sampled count(
      Session session,
      Arm arm,
      NativeRun run,
      String[] inputNames,
      long[] handles,
      String[] outputNames,
      Object[] outputValues,
      long[] outputs,
      long runOptions,
      long size,
      long reserved)
      throws Throwable {
    long begun = System.nanoTime();
    TapRequest request;
    try {
      request = TapRequest.of(arm.taps(), outputNames, outputValues, outputs);
    } catch (Throwable t) {
      counting.failed("asking for the taps", t);
      cancelled(session, reserved);
      return Sampled.NOT;
    }
    long asked = System.nanoTime();
    boolean[] owned;
    try {
      owned = run.call(arm.handle(), inputNames, handles, runOptions, request);
    } catch (Throwable t) {
      cancelled(session, reserved);
      if (!session.mayHaveCaused(t)) {
        throw t;
      }
      return Sampled.failed(t);
    }
    long ran = System.nanoTime();
    Object given;
    if (owned == null) {
      given = request.given();
    } else {
      request.giveBack(outputValues);
      given = request.given(owned);
    }
    record(session, arm, request, size, begun, asked, ran, reserved);
    return Sampled.given(given);
  }

  /** The application's own run has succeeded after all. */
  void succeeded(Sampled sampled) {
    if (sampled.failure() != null) {
      counting.failed("running with the taps", sampled.failure());
    }
    if (sampled.replay() != null) {
      shadow.finished(sampled.replay(), true);
    }
  }

  /** The application's own run has failed, too. */
  void failed(Sampled sampled) {
    if (sampled.replay() != null) {
      shadow.finished(sampled.replay(), false);
    }
  }

  private void record(
      Session session,
      Arm arm,
      TapRequest request,
      long size,
      long begun,
      long asked,
      long ran,
      long reserved) {
    try {
      arm.recorder().run();
    } catch (Throwable t) {
      counting.failed("recording a run", t);
    }
    counting.record(arm, request);
    try {
      long ended = System.nanoTime();
      long own = asked - begun + ended - ran;
      long cost = session.sampler().counted(size, ended - begun, own, reserved);
      arm.recorder().cost(ended - begun, cost);
    } catch (Throwable t) {
      counting.failed("recording what a run has cost", t);
    }
  }

  private void cancelled(Session session, long reserved) {
    try {
      session.sampler().cancelled(0, reserved);
    } catch (Throwable t) {
      counting.failed("recording what a run has cost", t);
    }
  }

  /** The session is closed: nothing uses our own native session any more when this returns. */
  void close(Session session) {
    try {
      if (shadow != null) {
        shadow.forget(session);
      }
    } catch (Throwable t) {
      counting.failed("dropping runs of a closed session", t);
    }
    session.usage.awaitUnused();
  }
}
