package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ModelBuilder;

/**
 * LeNet (table 1 of the paper; TF-Slim's {@code lenet}): conv1 5x5x32, pool 2, conv2 5x5x64, pool
 * 2, fc3 1024, dropout, fc4. Convolutions keep the image's size. Weights are drawn from a truncated
 * normal of standard deviation 0.1, biases are 0.
 */
final class LeNet {
  private static final Initial WEIGHTS = Initial.truncatedNormal(0.1);
  private static final Initial BIASES = Initial.constant(0);

  private LeNet() {}

  static ModelBuilder build(ImageShape input, int classes, long seed) {
    return new NetBuilder("lenet", input, seed)
        .conv("conv1", 32, 5, Sliding.same(1), WEIGHTS, BIASES)
        .relu("conv1")
        .maxPool("pool1", 2, Sliding.valid(2))
        .conv("conv2", 64, 5, Sliding.same(1), WEIGHTS, BIASES)
        .relu("conv2")
        .maxPool("pool2", 2, Sliding.valid(2))
        .flatten("flatten")
        .dense("fc3", 1024, WEIGHTS, BIASES)
        .relu("fc3")
        .dropout("dropout3", 0.5f)
        .logits("fc4", classes, WEIGHTS, BIASES);
  }
}
