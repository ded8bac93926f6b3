package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.SubModel;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Baking;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A part whose thresholded weights are inputs: one session serves all thresholds. */
final class FedWeights implements UnitModel {
  private final SearchSetup setup;
  private final List<Initializer> weights;
  private final String output;
  private final Part part;

  FedWeights(SearchSetup setup, SearchUnit unit, Collection<ValueInfoProto> given, String output) {
    this.setup = setup;
    this.output = output;
    weights = unit.weights().stream().map(Weight::initializer).map(w -> w.orElseThrow()).toList();
    List<ValueInfoProto> inputs = new ArrayList<>(given);
    for (Initializer weight : weights) {
      inputs.add(Values.tensor(weight.name(), weight.type(), dims(weight)));
    }
    ValueInfoProto wanted = ValueInfoProto.newBuilder().setName(output).build();
    part = Part.open(setup.model(), SubModel.between(setup.model(), inputs, List.of(wanted)));
  }

  @Override
  public Candidate at(double threshold) {
    Map<String, OnnxTensor> values = new HashMap<>();
    try {
      for (Initializer weight : weights) {
        values.put(weight.name(), tensor(weight, threshold));
      }
    } catch (RuntimeException e) {
      values.values().forEach(OnnxTensor::close);
      throw e;
    }
    return new Candidate(setup.model().name(), part, false, output, Map.of(), values);
  }

  private OnnxTensor tensor(Initializer weight, double threshold) {
    int bytes = Math.toIntExact(weight.elements() * weight.type().bits() / Byte.SIZE);
    // A tensor without elements still needs an address.
    ByteBuffer buffer = ByteBuffer.allocateDirect(Math.max(1, bytes)).limit(bytes);
    setup.model().data(weight).forEachChunk(buffer::put);
    buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
    if (threshold > 0) {
      Baking.zeroing(weight.type(), threshold, setup.orEqual()).accept(buffer.duplicate());
    }
    try {
      return OnnxTensor.createTensor(
          OrtEnvironment.getEnvironment(),
          buffer,
          dims(weight),
          OrtSessions.javaType(setup.model().name() + ": weight " + weight.name(), weight.type()));
    } catch (OrtException e) {
      throw new ExperimentException(
          setup.model().name()
              + ": ONNX Runtime does not take weight "
              + weight.name()
              + " ("
              + OrtSessions.oneLine(e)
              + ")",
          e);
    }
  }

  private static long[] dims(Initializer weight) {
    return weight.dims().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  public void close() {
    part.close();
  }
}
