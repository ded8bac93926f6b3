package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What goes from step to step, twice: a step reads the one side and writes the other, then they
 * change places. Nothing is copied. Used by one thread.
 */
final class StepState implements AutoCloseable {
  private final List<StateSlot> slots;
  private final List<Map<String, DirectTensor>> sides = new ArrayList<>();
  private int current;

  /** State of zeros. */
  StepState(List<StateSlot> slots) {
    this.slots = List.copyOf(slots);
    for (int side = 0; side < 2; side++) {
      Map<String, DirectTensor> tensors = new LinkedHashMap<>();
      sides.add(tensors);
      try {
        slots.forEach(
            slot ->
                tensors.put(
                    slot.input(), DirectTensor.of(slot.input(), ElementType.FLOAT, slot.dims())));
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }
  }

  List<StateSlot> slots() {
    return slots;
  }

  /** Takes the values of a model's initializers of these names. */
  void load(ModelFile model, List<StateSlot> from) {
    for (StateSlot slot : from) {
      Initializer initializer = model.graph().initializers().get(slot.input());
      if (initializer == null || initializer.type() != ElementType.FLOAT) {
        throw new ExperimentException(
            model.name() + ": has no float32 initializer " + slot.input() + " to begin with");
      }
      model.data(initializer).forEachChunk(value(slot.input())::put);
    }
  }

  /** A slot's current value, float32, from its beginning to its end; it may be changed. */
  ByteBuffer value(String input) {
    return sides.get(current).get(input).values().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** What a step reads, by the names of its inputs. */
  Map<String, OnnxTensor> inputs() {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    sides.get(current).forEach((name, tensor) -> inputs.put(name, tensor.tensor()));
    return inputs;
  }

  /** What a step writes, by the names of its outputs. */
  Map<String, OnnxTensor> outputs() {
    Map<String, OnnxTensor> outputs = new HashMap<>();
    for (StateSlot slot : slots) {
      outputs.put(slot.output(), sides.get(1 - current).get(slot.input()).tensor());
    }
    return outputs;
  }

  /** What a step wrote is what the next one reads. */
  void advance() {
    current = 1 - current;
  }

  @Override
  public void close() {
    sides.forEach(side -> side.values().forEach(DirectTensor::close));
  }
}
