package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Initializer;

/**
 * A running mean or variance of a BatchNormalization: an input of the step graph under its own
 * name, whose next value is an output.
 *
 * @param name name of the initializer and of the step graph's input
 * @param initializer where the differentiated model has its values; float32 [C]
 * @param node name of the BatchNormalization
 */
public record Statistic(String name, Initializer initializer, String node) {
  /** Name of the step graph's output with the value after the step. */
  public String next() {
    return name + "/next";
  }
}
