package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.proto.ModelProto;
import java.util.List;
import java.util.Set;

/**
 * The graph of one training step up to the gradients, and what its inputs and outputs mean.
 *
 * <p>Inputs: the model's own; {@code labels} or {@code targets} ({@link Loss#truth}); every
 * parameter, statistic and mask. Outputs: the model's own; {@code loss}, float32, a scalar, L1 and
 * L2 terms included; {@code gradient:PARAMETER} of each parameter, of its shape, the terms'
 * gradients included; {@code STATISTIC/next} of each statistic.
 *
 * @param model the step graph, of opset 18 or the model's own where that is newer; the values of
 *     constants are in it
 * @param objective what the gradients are of
 * @param parameters what trains, in the order of the model's initializers
 * @param statistics running means and variances of BatchNormalizations in training form
 * @param masks masks of Dropouts
 * @param batchInnermost tensors between, of {@code [N,C,H,W]} by the model, that the step graph
 *     holds as {@code [1,C,H,W,N]} ({@link Differentiator#batchInnermost})
 * @param output the model's output that the loss judges; for softmax cross-entropy its largest
 *     value in the class axis is the predicted class
 */
public record Gradients(
    ModelProto model,
    Objective objective,
    List<Parameter> parameters,
    List<Statistic> statistics,
    List<Mask> masks,
    Set<String> batchInnermost,
    String output) {
  /** Name of the output with the loss. */
  public static final String LOSS = "loss";

  public Gradients {
    parameters = List.copyOf(parameters);
    statistics = List.copyOf(statistics);
    masks = List.copyOf(masks);
    batchInnermost = Set.copyOf(batchInnermost);
  }

  /** Name of a tensor's gradient. */
  public static String gradient(String tensor) {
    return "gradient:" + tensor;
  }

  /** Name of the input that holds what the model should have said. */
  public String truth() {
    return objective.loss().truth();
  }
}
