package io.sparsescope.it.bench;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Values;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.gradient.Differentiator;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.gradient.Parameter;
import io.sparsescope.rewriter.gradient.update.Sgd;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import io.sparsescope.rewriter.gradient.update.StepOutputs;
import io.sparsescope.rewriter.gradient.update.Update;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A net's step model: gradients, SGD with momentum and weight decay, on request thresholds.
 *
 * @param net the net that training begins with
 * @param step the step model
 * @param edit what is done to it before it runs
 * @param state what goes from step to step
 * @param counted gradients before their threshold as outputs, with their shapes; none unless asked
 *     for
 */
record StepGraphs(
    ModelFile net,
    ModelFile step,
    ModelEdit edit,
    List<StateSlot> state,
    Map<String, List<Long>> counted) {
  /** The one threshold for all gradients: smaller elements become zero. */
  static final float CUT = 1e-4f;

  private static final String THRESHOLD = "sparse,1e-4";

  static StepGraphs of(ModelFile net, double momentum, double decay, boolean counted) {
    Objective objective = new Objective(Loss.SOFTMAX_CROSS_ENTROPY, 0, decay);
    Gradients gradients = new Differentiator(objective).batchInnermost().differentiate(net);
    List<String> names = gradients.parameters().stream().map(Parameter::name).toList();
    Update update = Update.append(gradients.model(), names, new Sgd(momentum, false));
    List<StateSlot> state = new ArrayList<>(update.parameters());
    state.addAll(update.memory());
    gradients
        .statistics()
        .forEach(s -> state.add(new StateSlot(s.name(), s.next(), s.initializer().dims())));
    Map<String, List<Long>> outputs = new LinkedHashMap<>();
    Set<String> read = new HashSet<>();
    read.add(Gradients.LOSS);
    state.forEach(slot -> read.add(slot.output()));
    ModelFile step = ModelFile.of("step", StepOutputs.only(update.model(), read).toByteArray());
    if (!counted) {
      return new StepGraphs(net, step, new ModelEdit(step), state, outputs);
    }
    Rule rule = Rule.of("**", THRESHOLD, false, false, false, false);
    Rewrite rewrite =
        new Rewriter(Rules.NONE.withGradients(List.of(rule)), false, false).plan(step);
    for (Parameter p : gradients.parameters()) {
      String before = rewrite.dense().get(p.gradient());
      long[] shape = p.dims().stream().mapToLong(Long::longValue).toArray();
      rewrite.edit().addOutput(Values.tensor(before, ElementType.FLOAT, shape));
      outputs.put(before, p.dims());
    }
    return new StepGraphs(net, step, rewrite.edit(), state, outputs);
  }
}
