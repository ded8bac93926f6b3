package io.sparsescope.experiments.search;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.util.List;

/** An edited model, run whole over batches of samples. */
final class WholeRuns implements BatchRuns {
  private final String model;
  private final String output;
  private final SampleSet samples;
  private final List<int[]> batches;
  private final OrtSession session;

  /**
   * @param output the output that is judged
   * @param threads of a run
   */
  WholeRuns(
      ModelFile model,
      ModelEdit edit,
      String output,
      SampleSet samples,
      List<int[]> batches,
      int threads) {
    this.model = model.name();
    this.output = output;
    this.samples = samples;
    this.batches = batches;
    session = OrtSessions.open(model, edit, options -> options.setIntraOpNumThreads(threads));
  }

  @Override
  public float[][] run(int batch) {
    return OutputRows.run(model, session, samples, output, batches.get(batch));
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new ExperimentException(
          model + ": the session cannot be closed: " + OrtSessions.oneLine(e), e);
    }
  }
}
