package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.ShadowThread;
import java.util.Arrays;
import java.util.Map;

/**
 * Has sampled runs done again on the shadow thread. On the thread that asked for the run only its
 * inputs are copied. Never throws.
 */
final class Shadow {
  private final ShadowThread thread;
  private final OrtInputs inputs;
  private final ProfiledModels profiled;
  private final Counting counting;
  private final OptionsSeen options;

  Shadow(
      ShadowThread thread,
      OrtInputs inputs,
      ProfiledModels profiled,
      Counting counting,
      OptionsSeen options) {
    this.thread = thread;
    this.inputs = inputs;
    this.profiled = profiled;
    this.counting = counting;
    this.options = options;
  }

  /**
   * Prepares a run that is about to begin to be done again. Its inputs are copied before it,
   * because it may write its outputs over them.
   *
   * @param names of the inputs
   * @param outputValues the array for the application's outputs; null in versions that have none
   * @param runOptions of the application, which a run that is done again does not have
   * @param reserved what the sampler has reserved, of which nothing remains to be settled if null
   *     is returned
   * @return null if it is not to be
   */
  Replay prepare(
      Session session,
      Arm arm,
      NativeRun run,
      String[] names,
      Map<?, ?> inputMap,
      Object[] outputValues,
      long runOptions,
      long size,
      long reserved) {
    long begun = System.nanoTime();
    boolean placed = false;
    try {
      if (options.adapts(runOptions)) {
        throw new UncopyableException("its run options hold a LoRA adapter");
      }
      placed = thread.reserve();
      InputCopy copy = placed ? inputs.copy(names, inputMap) : null;
      if (copy != null) {
        Object[] none = outputValues == null ? null : Arrays.copyOf(outputValues, 0);
        long spent = System.nanoTime() - begun;
        return new Replay(session, arm, run, copy, none, counting, size, reserved, spent);
      }
      arm.recorder().dropped();
    } catch (UncopyableException e) {
      profiled.note(arm.recorder(), "runs are not counted in shadow mode: " + e.getMessage());
    } catch (Throwable t) {
      counting.failed("copying a run's inputs", t);
    }
    if (placed) {
      thread.cancel();
    }
    session.sampler().cancelled(System.nanoTime() - begun, reserved);
    return null;
  }

  /** The run has succeeded, or not. */
  void finished(Replay replay, boolean succeeded) {
    try {
      if (succeeded) {
        thread.submit(replay);
      } else {
        thread.cancel();
        replay.abandon();
      }
    } catch (Throwable t) {
      counting.failed("handing a run over to be done again", t);
    }
  }

  /** Nothing of the session is begun any more. */
  void forget(Session session) {
    thread.forget(session);
  }
}
