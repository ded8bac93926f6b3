package io.sparsescope.agent.session;

import io.sparsescope.agent.sampling.SessionSampler;
import java.util.Map;

/**
 * What is done about the runs of a session on which thresholds are tried: some are answered by the
 * model with the thresholds, and of some the inputs are kept to compare what both models answer.
 * Throws only what the application's own run throws.
 */
final class LiveRuns {
  private final Runs runs;
  private final Comparisons comparisons;
  private final Counting counting;

  LiveRuns(Runs runs, Comparisons comparisons, Counting counting) {
    this.runs = runs;
    this.comparisons = comparisons;
    this.counting = counting;
  }

  /**
   * Does a run.
   *
   * @param outputValues the array for the application's outputs, filled if this answers the run;
   *     null in versions that have none
   * @param outputs handles of pinned outputs, or null
   * @return what the application gets, {@code boolean[]} or {@code OnnxValue[]}
   */
  Object run(
      Session session,
      LiveArm live,
      NativeRun run,
      String[] inputNames,
      long[] handles,
      String[] outputNames,
      Object[] outputValues,
      long[] outputs,
      long runOptions,
      Object inputMap)
      throws Throwable {
    long number = live.begin();
    Comparison comparison =
        live.compares(number) && inputMap instanceof Map<?, ?> map
            ? comparisons.prepare(
                session,
                live.session(),
                run,
                inputNames,
                map,
                outputNames,
                outputValues,
                runOptions)
            : null;
    boolean succeeded = false;
    try {
      Throwable failure = null;
      Object result = null;
      Session thresholded = live.session();
      // A session that is about to be closed is not used: the agent was stopped just now.
      if (live.answers(number) && thresholded.usage.enter()) {
        try {
          result =
              answer(
                  thresholded,
                  run,
                  inputNames,
                  handles,
                  outputNames,
                  outputValues,
                  outputs,
                  runOptions,
                  inputMap);
        } catch (Throwable t) {
          failure = t;
        } finally {
          thresholded.usage.users.decrementAndGet();
        }
      }
      if (result == null) {
        result =
            answer(
                session,
                run,
                inputNames,
                handles,
                outputNames,
                outputValues,
                outputs,
                runOptions,
                inputMap);
      }
      if (failure != null) {
        // Not the application's doing, since its own run has succeeded.
        counting.failed("running the model with thresholds", failure);
      }
      succeeded = true;
      return result;
    } finally {
      if (comparison != null) {
        comparisons.finished(comparison, succeeded);
      }
    }
  }

  /** Does a run by one of the two models, counting it if it is sampled. */
  private Object answer(
      Session session,
      NativeRun run,
      String[] inputNames,
      long[] handles,
      String[] outputNames,
      Object[] outputValues,
      long[] outputs,
      long runOptions,
      Object inputMap)
      throws Throwable {
    long size = runs.size(session, inputMap);
    long reserved = runs.admit(session, size);
    Sampled sampled = Sampled.NOT;
    if (reserved != SessionSampler.NO) {
      sampled =
          runs.sample(
              session,
              run,
              inputNames,
              handles,
              outputNames,
              outputValues,
              outputs,
              runOptions,
              inputMap,
              size,
              reserved);
      if (sampled.given() != null) {
        return sampled.given();
      }
    }
    long begun = System.nanoTime();
    Object given;
    try {
      TapRequest request = TapRequest.of(Taps.NONE, outputNames, outputValues, outputs);
      boolean[] owned = run.call(session.handle(), inputNames, handles, runOptions, request);
      if (owned == null) {
        given = request.given();
      } else {
        request.giveBack(outputValues);
        given = owned;
      }
    } catch (Throwable t) {
      runs.failed(sampled);
      throw t;
    }
    runs.ran(session, size, begun);
    runs.succeeded(sampled);
    return given;
  }
}
