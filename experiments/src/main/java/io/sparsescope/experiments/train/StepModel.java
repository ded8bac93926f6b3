package io.sparsescope.experiments.train;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Statistic;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import io.sparsescope.rewriter.gradient.update.Update;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The model of one whole training step: gradients, what is done to them, the update.
 *
 * @param gradients what was differentiated, and what the inputs mean
 * @param model gradients and update
 * @param edit what is done to it before it runs; thresholds and taps
 * @param optimizer the update's
 * @param trained parameters and statistics: what the trained model differs in
 * @param memory what else goes from step to step, zero before the first
 * @param requested outputs to hand to the observer at each step
 */
record StepModel(
    Gradients gradients,
    ModelFile model,
    ModelEdit edit,
    Optimizer optimizer,
    List<StateSlot> trained,
    List<StateSlot> memory,
    Set<String> requested) {

  StepModel {
    trained = List.copyOf(trained);
    memory = List.copyOf(memory);
    requested = Set.copyOf(requested);
  }

  /** A step with nothing between gradients and update. */
  static StepModel of(Gradients gradients, Optimizer optimizer) {
    List<String> names = gradients.parameters().stream().map(p -> p.name()).toList();
    Update update = Update.append(gradients.model(), names, optimizer);
    List<StateSlot> trained = new ArrayList<>(update.parameters());
    for (Statistic statistic : gradients.statistics()) {
      trained.add(
          new StateSlot(statistic.name(), statistic.next(), statistic.initializer().dims()));
    }
    Set<String> read = new HashSet<>(Set.of(Gradients.LOSS));
    trained.forEach(slot -> read.add(slot.output()));
    update.memory().forEach(slot -> read.add(slot.output()));
    ModelFile model = ModelFile.of("step", withOutputs(update.model(), read).toByteArray());
    return new StepModel(
        gradients, model, new ModelEdit(model), optimizer, trained, update.memory(), Set.of());
  }

  /** Outputs that nobody reads would only keep their memory from being used again. */
  private static ModelProto withOutputs(ModelProto model, Set<String> wanted) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearOutput();
    for (ValueInfoProto output : model.getGraph().getOutputList()) {
      if (wanted.contains(output.getName())) {
        graph.addOutput(output);
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /** All that goes from step to step. */
  List<StateSlot> state() {
    List<StateSlot> all = new ArrayList<>(trained);
    all.addAll(memory);
    return all;
  }
}
