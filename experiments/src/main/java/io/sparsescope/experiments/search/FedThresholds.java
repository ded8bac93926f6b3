package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.ThresholdNodes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A part with inserted nodes whose thresholds are inputs: one session serves all thresholds. */
final class FedThresholds implements UnitModel {
  private final SearchSetup setup;
  private final String output;
  private final Part part;
  private final Map<String, String> names;

  /** Types of the tensors that are thresholded, by the input that has the threshold. */
  private final Map<String, ElementType> types = new LinkedHashMap<>();

  FedThresholds(
      SearchSetup setup, SearchUnit unit, Collection<ValueInfoProto> given, String output) {
    this.setup = setup;
    this.output = output;
    RewrittenModel model = new RewrittenModel(setup.model(), unit, rules(unit, setup.orEqual()));
    for (Threshold threshold : model.rewrite().thresholds()) {
      ElementType type =
          setup.model().graph().type(threshold.tensor()).map(TensorType::element).orElseThrow();
      types.put(threshold.input(), type);
    }
    List<ValueInfoProto> inputs =
        types.keySet().stream().map(name -> Values.tensor(name, scalarType(name))).toList();
    names = model.denseNames();
    part = model.part(given, inputs, output);
  }

  private static Rules rules(SearchUnit unit, boolean orEqual) {
    List<ThresholdRule> rules =
        unit.places().stream()
            .map(place -> new ThresholdRule(place.pattern(), 1, orEqual, true, false))
            .toList();
    return unit.on() == On.WEIGHTS
        ? new Rules(rules, List.of(), List.of(), Map.of())
        : new Rules(List.of(), rules, List.of(), Map.of());
  }

  private ElementType scalarType(String input) {
    return ElementType.of(tensor(input, 0).getDataType());
  }

  private TensorProto tensor(String input, double threshold) {
    return ThresholdNodes.threshold(input, types.get(input), threshold);
  }

  @Override
  public Candidate at(double threshold) {
    Map<String, OnnxTensor> values = new HashMap<>();
    for (String input : types.keySet()) {
      TensorProto scalar = tensor(input, threshold);
      ByteBuffer stored = Tensors.data(scalar).toBuffer();
      ByteBuffer direct = ByteBuffer.allocateDirect(stored.remaining());
      direct.put(stored).flip().order(ByteOrder.LITTLE_ENDIAN);
      try {
        values.put(
            input,
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                direct,
                new long[0],
                OrtSessions.javaType(input, ElementType.of(scalar.getDataType()))));
      } catch (OrtException e) {
        values.values().forEach(OnnxTensor::close);
        throw new ExperimentException(
            setup.model().name()
                + ": ONNX Runtime does not take a threshold ("
                + OrtSessions.oneLine(e)
                + ")",
            e);
      }
    }
    return new Candidate(setup.model().name(), part, false, output, names, values);
  }

  @Override
  public void close() {
    part.close();
  }
}
