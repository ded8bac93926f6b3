package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Makes the graph of a training step of an inference model, by reverse-mode differentiation: back
 * through the nodes, from the loss to the parameters, and only along the paths that lead there.
 *
 * <p>The model is a classifier or regression model: the loss judges its first output. Dimensions
 * but the batch must be known before the run. Its weights are float32 initializers; they are not
 * loaded.
 */
public final class Differentiator {
  private final Objective objective;
  private final List<Pattern> trainable;
  private final GradientRules rules;
  private final boolean batchInnermost;

  /**
   * @param objective what the gradients are of
   * @param trainable which parameters train, by the nodes that read them or {@code
   *     tensor:PARAMETER}; none for all. A BatchNormalization of which neither scale nor shift
   *     trains keeps its inference form
   * @param rules how gradients pass the operators
   */
  public Differentiator(Objective objective, List<Pattern> trainable, GradientRules rules) {
    this(objective, trainable, rules, false);
  }

  private Differentiator(
      Objective objective, List<Pattern> trainable, GradientRules rules, boolean batchInnermost) {
    this.objective = objective;
    this.trainable = List.copyOf(trainable);
    this.rules = rules;
    this.batchInnermost = batchInnermost;
  }

  /** A differentiator by the standard rules that lets all parameters train. */
  public Differentiator(Objective objective) {
    this(objective, List.of(), GradientRules.standard());
  }

  /**
   * The same, with images {@code [N,C,H,W]} laid out as {@code [1,C,H,W,N]} on the way, where
   * convolutions, pools and normalizations that a gradient passes read or write them. In ONNX
   * Runtime 1.29.0 a step is then faster, by a fifth for large batches, since what is copied are
   * runs of N; from batches of 16 on. Models with grouped convolutions stay as they are. The step
   * graph's inputs and outputs and all tensors' names are the same; roundings may differ.
   */
  public Differentiator batchInnermost() {
    return new Differentiator(objective, trainable, rules, true);
  }

  /**
   * Differentiates a model.
   *
   * @throws RewriteException if it has no parameter that the loss depends on, an operator without a
   *     rule on the way to one, or a shape that cannot be told; the message names it and says what
   *     to do
   */
  public Gradients differentiate(ModelFile model) {
    String output = output(model);
    String judged = LossNodes.judged(model.graph(), objective.loss(), output);
    Trainable found = new Trainable(model, trainable);
    List<Parameter> all = found.find();
    Reach reach = new Reach(model.graph(), names(all), judged);
    List<Parameter> parameters = all.stream().filter(p -> reach.wants(p.name())).toList();
    if (parameters.isEmpty()) {
      throw new RewriteException(
          "model "
              + model.name()
              + ": '"
              + judged
              + "' depends on no parameter that can train: weights must be float32 initializers of"
              + " Conv, Gemm, MatMul and their like");
    }
    Map<Integer, List<Statistic>> statistics = found.statistics(reach);
    StepGraph step =
        new StepGraph(model.name(), ForwardModel.of(model, parameters, statistics), batchInnermost);
    Passes passes =
        new Passes(step, rules, new Reach(step.forward().graph(), names(parameters), judged));
    addDecays(step, parameters);
    passes.forward();
    String data = new LossNodes(step, objective.loss(), judged).add();
    passes.backward();
    List<Statistic> flat = statistics.values().stream().flatMap(List::stream).toList();
    return new StepFinish(step, objective, parameters, flat, output).finish(data);
  }

  private void addDecays(StepGraph step, List<Parameter> parameters) {
    if (objective.l2() > 0) {
      parameters.stream()
          .filter(p -> p.kind() == Parameter.Kind.WEIGHT)
          .forEach(p -> step.decays().put(p.name(), objective.l2()));
    }
  }

  private static String output(ModelFile model) {
    if (model.graph().outputs().isEmpty()) {
      throw new RewriteException(
          "model " + model.name() + ": has no output that a loss could judge: export it with one");
    }
    return model.graph().outputs().get(0).getName();
  }

  private static List<String> names(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::name).collect(Collectors.toList());
  }
}
