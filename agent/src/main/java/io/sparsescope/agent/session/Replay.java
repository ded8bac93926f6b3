package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.ShadowTask;

/** A run that is done again, on copies of its inputs, by our own native session. */
final class Replay implements ShadowTask {
  private final Session session;
  private final Arm arm;
  private final NativeRun run;
  private final InputCopy inputs;
  private final Object[] noValues;
  private final Counting counting;
  private final long size;
  private final long reserved;
  private final long spent;

  /**
   * @param noValues an empty array of ONNX Runtime's values; null in versions that take none
   * @param size elements of the inputs
   * @param reserved what the sampler has reserved
   * @param spent nanoseconds spent on it already
   */
  Replay(
      Session session,
      Arm arm,
      NativeRun run,
      InputCopy inputs,
      Object[] noValues,
      Counting counting,
      long size,
      long reserved,
      long spent) {
    this.session = session;
    this.arm = arm;
    this.run = run;
    this.inputs = inputs;
    this.noValues = noValues;
    this.counting = counting;
    this.size = size;
    this.reserved = reserved;
    this.spent = spent;
  }

  @Override
  public Object owner() {
    return session;
  }

  @Override
  public void run() {
    if (!session.usage.enter()) {
      drop();
      return;
    }
    long begun = System.nanoTime();
    try {
      TapRequest request =
          TapRequest.of(arm.taps(), new String[0], noValues, noValues == null ? null : new long[0]);
      run.call(arm.handle(), inputs.names(), inputs.handles(), 0, request);
      counting.record(arm, request);
    } catch (Throwable t) {
      counting.failed("running again what was sampled", t);
    } finally {
      session.usage.users.decrementAndGet();
      close();
    }
    long cost = spent + System.nanoTime() - begun;
    session.sampler().countedApart(size, cost, reserved);
    arm.recorder().cost(0, cost);
  }

  /** What was spent on it is spent all the same. */
  @Override
  public void drop() {
    close();
    session.sampler().cancelled(spent, reserved);
    arm.recorder().dropped();
    arm.recorder().cost(0, spent);
  }

  /** The application's own run has failed. */
  void abandon() {
    close();
    session.sampler().cancelled(spent, reserved);
  }

  private void close() {
    try {
      inputs.close();
    } catch (Throwable t) {
      counting.failed("closing copied inputs", t);
    }
  }
}
