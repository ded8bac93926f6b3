package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A candidate run over batches of records: from the cut on, or whole where the cut is not kept. */
final class CandidateRuns implements BatchRuns {
  private final CutCache cache;
  private final SampleSet samples;
  private final List<int[]> batches;
  private final Supplier<Candidate> atCut;
  private final Supplier<Candidate> atInputs;
  private Candidate behindCut;
  private Candidate fromInputs;

  /**
   * @param atCut makes the candidate's part behind the cut; called only if it is needed
   * @param atInputs makes the whole candidate; called only if it is needed
   */
  CandidateRuns(
      CutCache cache,
      SampleSet samples,
      List<int[]> batches,
      Supplier<Candidate> atCut,
      Supplier<Candidate> atInputs) {
    this.cache = cache;
    this.samples = samples;
    this.batches = batches;
    this.atCut = atCut;
    this.atInputs = atInputs;
  }

  @Override
  public float[][] run(int batch) {
    int wanted = batches.get(batch).length;
    int inRun = samples.batchSize(wanted);
    if (batch < cache.size()) {
      return behindCut().run(cache.tensors(batch), inRun, wanted);
    }
    Map<String, OnnxTensor> inputs = samples.batch(batches.get(batch));
    try {
      return fromInputs().run(inputs, inRun, wanted);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private synchronized Candidate behindCut() {
    if (behindCut == null) {
      behindCut = atCut.get();
    }
    return behindCut;
  }

  private synchronized Candidate fromInputs() {
    if (fromInputs == null) {
      fromInputs = atInputs.get();
    }
    return fromInputs;
  }

  @Override
  public synchronized void close() {
    if (behindCut != null) {
      behindCut.close();
    }
    if (fromInputs != null) {
      fromInputs.close();
    }
  }
}
