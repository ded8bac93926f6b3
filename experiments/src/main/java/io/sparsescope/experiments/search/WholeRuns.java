package io.sparsescope.experiments.search;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ModelEdit;
import java.util.List;

/** An edited model, run whole, one thread a run. */
final class WholeRuns implements BatchRuns {
  private final SearchSetup setup;
  private final List<int[]> batches;
  private final OrtSession session;

  WholeRuns(SearchSetup setup, ModelEdit edit, List<int[]> batches) {
    this.setup = setup;
    this.batches = batches;
    session = OrtSessions.open(setup.model(), edit, options -> options.setIntraOpNumThreads(1));
  }

  @Override
  public float[][] run(int batch) {
    return OutputRows.run(
        setup.model().name(), session, setup.samples(), setup.output(), batches.get(batch));
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new ExperimentException(
          setup.model().name() + ": the session cannot be closed: " + OrtSessions.oneLine(e), e);
    }
  }
}
