package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.ShadowThread;
import io.sparsescope.profile.ProfileRecorder;
import java.util.Arrays;
import java.util.Map;

/**
 * Has both models of a live experiment run on the shadow thread. On the thread that asked for the
 * run only its inputs are copied. Never throws.
 */
final class Comparisons {
  private final ShadowThread thread;
  private final OrtInputs inputs;
  private final OrtTensors tensors;
  private final ProfiledModels profiled;
  private final Counting counting;
  private final OptionsSeen options;

  Comparisons(
      ShadowThread thread,
      OrtInputs inputs,
      OrtTensors tensors,
      ProfiledModels profiled,
      Counting counting,
      OptionsSeen options) {
    this.thread = thread;
    this.inputs = inputs;
    this.tensors = tensors;
    this.profiled = profiled;
    this.counting = counting;
    this.options = options;
  }

  /**
   * Prepares to compare a run that is about to begin. Its inputs are copied before it, because it
   * may write its outputs over them.
   *
   * @param session the application's
   * @param thresholded ours
   * @param names of the inputs
   * @param outputs names of the outputs the application asks for
   * @param outputValues the array for the application's outputs; null in versions that have none
   * @param runOptions of the application, which the runs that are compared do not have
   * @return null if it is not to be compared
   */
  Comparison prepare(
      Session session,
      Session thresholded,
      NativeRun run,
      String[] names,
      Map<?, ?> inputMap,
      String[] outputs,
      Object[] outputValues,
      long runOptions) {
    long begun = System.nanoTime();
    ProfileRecorder recorder = thresholded.recorder();
    if (recorder == null) {
      // The agent was stopped just now.
      return null;
    }
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
        return new Comparison(
            session,
            thresholded,
            recorder,
            run,
            copy,
            outputs.clone(),
            none,
            tensors,
            counting,
            spent);
      }
      recorder.dropped();
    } catch (UncopyableException e) {
      profiled.note(recorder, "runs are not compared: " + e.getMessage());
    } catch (Throwable t) {
      counting.failed("copying a run's inputs", t);
    }
    if (placed) {
      thread.cancel();
    }
    return null;
  }

  /** The run has succeeded, or not. */
  void finished(Comparison comparison, boolean succeeded) {
    try {
      if (succeeded) {
        thread.submit(comparison);
      } else {
        thread.cancel();
        comparison.abandon();
      }
    } catch (Throwable t) {
      counting.failed("handing a run over to be compared", t);
    }
  }
}
