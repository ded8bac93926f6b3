package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.util.HashMap;
import java.util.Map;

/** A unit's part of the model at one threshold. Its runs may go side by side. */
final class Candidate implements AutoCloseable {
  private final String model;
  private final Part part;
  private final boolean ownsPart;
  private final String output;
  private final Map<String, String> names;
  private final Map<String, OnnxTensor> settings;

  /**
   * @param part computes the judged output
   * @param ownsPart whether closing the candidate closes the part
   * @param names what the part calls tensors that go by another name in the model
   * @param settings tensors that put the threshold in force; closed with the candidate
   */
  Candidate(
      String model,
      Part part,
      boolean ownsPart,
      String output,
      Map<String, String> names,
      Map<String, OnnxTensor> settings) {
    this.model = model;
    this.part = part;
    this.ownsPart = ownsPart;
    this.output = output;
    this.names = names;
    this.settings = settings;
  }

  /**
   * The judged output's values of each record.
   *
   * @param tensors of the dense model, at the cut that the part begins with
   * @param inRun records in them
   * @param wanted how many of these are wanted
   */
  float[][] run(Map<String, OnnxTensor> tensors, int inRun, int wanted) {
    Map<String, OnnxTensor> feed = new HashMap<>(settings);
    tensors.forEach((name, tensor) -> feed.put(names.getOrDefault(name, name), tensor));
    try (OrtSession.Result result = part.run(feed)) {
      return OutputRows.of(model, result, output, inRun, wanted);
    }
  }

  @Override
  public void close() {
    settings.values().forEach(OnnxTensor::close);
    if (ownsPart) {
      part.close();
    }
  }
}
