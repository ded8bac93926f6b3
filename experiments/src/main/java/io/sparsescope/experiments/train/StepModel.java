package io.sparsescope.experiments.train;

import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.gradient.BatchOutermost;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Parameter;
import io.sparsescope.rewriter.gradient.Statistic;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import io.sparsescope.rewriter.gradient.update.Residuals;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import io.sparsescope.rewriter.gradient.update.StepOutputs;
import io.sparsescope.rewriter.gradient.update.Update;
import io.sparsescope.rewriter.rules.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
 * @param counted the gradients as outputs
 */
record StepModel(
    Gradients gradients,
    ModelFile model,
    ModelEdit edit,
    Optimizer optimizer,
    List<StateSlot> trained,
    List<StateSlot> memory,
    List<CountedOutput> counted) {

  StepModel {
    trained = List.copyOf(trained);
    memory = List.copyOf(memory);
    counted = List.copyOf(counted);
  }

  /**
   * A step.
   *
   * @param sparse what lies between gradients and update
   * @param blocks block by layer
   * @throws io.sparsescope.rewriter.RewriteException if a rule selects nothing or cannot be applied
   */
  static StepModel of(
      Gradients gradients,
      Optimizer optimizer,
      SparseGradients sparse,
      Map<String, String> blocks) {
    List<String> names = gradients.parameters().stream().map(Parameter::name).toList();
    Update update = Update.append(gradients.model(), names, optimizer);
    Rules rules = Rules.NONE.withGradients(sparse.rules().gradients());
    Rewriter rewriter = new Rewriter(rules, false, false);
    ModelProto step = update.model();
    List<StateSlot> memory = new ArrayList<>(update.memory());
    if (sparse.residual()) {
      Set<String> changed = rewriter.plan(scanned(step)).dense().keySet();
      Residuals residuals =
          Residuals.of(
              step,
              update.parameters().stream()
                  .filter(slot -> changed.contains(Gradients.gradient(slot.input())))
                  .toList());
      step = residuals.model();
      memory.addAll(residuals.slots());
    }
    List<StateSlot> trained = new ArrayList<>(update.parameters());
    for (Statistic statistic : gradients.statistics()) {
      trained.add(
          new StateSlot(statistic.name(), statistic.next(), statistic.initializer().dims()));
    }
    Set<String> read = new HashSet<>(Set.of(Gradients.LOSS));
    gradients.parameters().forEach(p -> read.add(p.gradient()));
    trained.forEach(slot -> read.add(slot.output()));
    memory.forEach(slot -> read.add(slot.output()));
    ModelFile model = withRecords(StepOutputs.only(step, read), gradients, rewriter);
    Rewrite rewrite = rewriter.plan(model);
    List<CountedOutput> counted =
        gradients.parameters().stream()
            .map(p -> CountedOutput.of(p, blocks.getOrDefault(p.layer(), ""), rewrite))
            .toList();
    counted.forEach(output -> output.addTo(rewrite.edit()));
    return new StepModel(gradients, model, rewrite.edit(), optimizer, trained, memory, counted);
  }

  /** A step in which tensors that rules change have their own shape, records outermost. */
  private static ModelFile withRecords(ModelProto step, Gradients gradients, Rewriter rewriter) {
    ModelFile model = scanned(step);
    Set<String> changed = new HashSet<>(gradients.batchInnermost());
    changed.retainAll(rewriter.plan(model).dense().keySet());
    return changed.isEmpty() ? model : scanned(BatchOutermost.of(step, changed));
  }

  private static ModelFile scanned(ModelProto step) {
    return ModelFile.of("step", step.toByteArray());
  }

  /** All that goes from step to step. */
  List<StateSlot> state() {
    List<StateSlot> all = new ArrayList<>(trained);
    all.addAll(memory);
    return all;
  }
}
