package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.profile.MagnitudeCounter;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes one training step after the other, each on the same batch. As in training, parameters are
 * inputs and outputs over the same memory in turn, so that nothing is copied.
 */
final class StepRunner implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> fed = new HashMap<>();
  private final List<Map<String, OnnxTensor>> inputs = new ArrayList<>();
  private final List<Map<String, OnnxTensor>> outputs = new ArrayList<>();
  private final ByteBuffer loss = memory(Float.BYTES);
  private final List<ByteBuffer> counted = new ArrayList<>();
  private long zeros;
  private int side;

  StepRunner(StepGraphs graphs, TrainingFiles files, int threads, float rate) throws OrtException {
    session =
        OrtSessions.open(
            graphs.step(),
            graphs.edit(),
            options -> {
              options.setIntraOpNumThreads(threads);
              // As training does:
              options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
              options.addConfigEntry("session.set_denormal_as_zero", "1");
            });
    feed(graphs, files, rate);
    for (int i = 0; i < 2; i++) {
      inputs.add(new HashMap<>(fed));
      outputs.add(new HashMap<>());
    }
    for (StateSlot slot : graphs.state()) {
      ByteBuffer first = memory(slot.elements() * Float.BYTES);
      Initializer initializer = graphs.net().graph().initializers().get(slot.input());
      if (initializer != null) {
        graphs.net().data(initializer).forEachChunk(first.duplicate()::put);
      }
      OnnxTensor a = tensor(slot.input(), ElementType.FLOAT, slot.dims(), first);
      OnnxTensor b =
          tensor(
              slot.input(), ElementType.FLOAT, slot.dims(), memory(slot.elements() * Float.BYTES));
      inputs.get(0).put(slot.input(), a);
      inputs.get(1).put(slot.input(), b);
      outputs.get(0).put(slot.output(), b);
      outputs.get(1).put(slot.output(), a);
    }
    addOutput(Gradients.LOSS, List.of(), loss);
    for (Map.Entry<String, List<Long>> output : graphs.counted().entrySet()) {
      long elements = output.getValue().stream().reduce(1L, Math::multiplyExact);
      counted.add(memory(elements * Float.BYTES));
      addOutput(output.getKey(), output.getValue(), counted.get(counted.size() - 1));
    }
  }

  private void feed(StepGraphs graphs, TrainingFiles files, float rate) throws OrtException {
    Set<String> state = new java.util.HashSet<>();
    graphs.state().forEach(slot -> state.add(slot.input()));
    for (ValueInfoProto input : graphs.step().graph().inputs()) {
      String name = input.getName();
      if (name.equals(Optimizer.LEARNING_RATE)) {
        ByteBuffer value = memory(Float.BYTES).putFloat(0, rate);
        fed.put(name, tensor(name, ElementType.FLOAT, List.of(), value));
      } else if (!state.contains(name)) {
        ElementType type = name.equals("labels") ? ElementType.INT64 : ElementType.FLOAT;
        List<Long> dims =
            input.getType().getTensorType().getShape().getDimList().stream()
                .map(d -> d.hasDimValue() ? d.getDimValue() : (long) files.batch())
                .toList();
        fed.put(name, tensor(name, type, dims, files.read(name)));
      }
    }
  }

  private void addOutput(String name, List<Long> dims, ByteBuffer memory) throws OrtException {
    OnnxTensor tensor = tensor(name, ElementType.FLOAT, dims, memory);
    outputs.forEach(output -> output.put(name, tensor));
  }

  private static ByteBuffer memory(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static OnnxTensor tensor(
      String name, ElementType type, List<Long> dims, ByteBuffer memory) throws OrtException {
    ByteBuffer all = memory.duplicate().clear().order(ByteOrder.LITTLE_ENDIAN);
    return OrtSessions.tensor(name, new TensorValue(type, dims, all));
  }

  /** Makes a step; returns its loss. */
  float run() throws OrtException {
    session.run(inputs.get(side), Set.of(), outputs.get(side)).close();
    side = 1 - side;
    for (ByteBuffer values : counted) {
      // As training does: what is zero before the threshold and behind it, in one pass.
      MagnitudeCounter.Small small =
          MagnitudeCounter.count(values.duplicate().order(ByteOrder.LITTLE_ENDIAN), StepGraphs.CUT);
      zeros += small.zeros() + Math.max(small.zeros(), small.below());
    }
    return loss.getFloat(0);
  }

  /** Zeros in all gradients of all steps, before and behind their thresholds. */
  long zeros() {
    return zeros;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
