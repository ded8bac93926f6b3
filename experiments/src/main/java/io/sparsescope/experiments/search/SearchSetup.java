package io.sparsescope.experiments.search;

import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.onnx.ModelFile;

/**
 * What an engine needs to look for thresholds.
 *
 * @param model the model as it was exported; stays open
 * @param samples the records to judge by, with the dense model's scores; stay open
 * @param metric judges the output
 * @param output the model's output that is judged
 * @param target what a candidate has to reach over the samples
 * @param orEqual whether elements equal to a threshold become zero, too
 * @param batch records in a run, at least 1; a model's fixed batch size goes before
 * @param threads threads to be busy, at least 1
 * @param memory bytes that may be used for what is kept between runs, beyond the samples
 */
public record SearchSetup(
    ModelFile model,
    SampleSet samples,
    Metric metric,
    String output,
    Target target,
    boolean orEqual,
    int batch,
    int threads,
    long memory) {

  /** Judges the model's only output of floating-point numbers. */
  public SearchSetup(
      ModelFile model,
      SampleSet samples,
      Metric metric,
      Target target,
      boolean orEqual,
      int batch,
      int threads,
      long memory) {
    this(
        model,
        samples,
        metric,
        Evaluation.judgedOutput(model),
        target,
        orEqual,
        batch,
        threads,
        memory);
  }
}
