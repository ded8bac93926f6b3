package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ModelBuilder;

/**
 * AlexNet (table 4 of the paper; TF-Slim's {@code alexnet_v2}, Krizhevsky's one-column form of 2014
 * without LRN): conv1 11x11x64 stride 4, conv2 5x5x192, conv3 and conv4 3x3x384, conv5 3x3x256, fc6
 * and fc7 4096, fc8. A pool of 3x3 stride 2 follows conv1, conv2 and conv5; conv1 and the pools do
 * not pad, the other convolutions keep the size. TF-Slim writes fc6 to fc8 as convolutions; they
 * are Gemms of the same arithmetic here.
 *
 * <p>Convolutions' weights are Xavier's, those of fc6 to fc8 are drawn from a truncated normal of
 * standard deviation 0.005; biases are 0.1, those of fc8 0.
 */
final class AlexNet {
  private static final Initial CONV = Initial.xavier();
  private static final Initial DENSE = Initial.truncatedNormal(0.005);
  private static final Initial TENTH = Initial.constant(0.1f);
  private static final Initial ZERO = Initial.constant(0);

  private AlexNet() {}

  static ModelBuilder build(ImageShape input, int classes, long seed) {
    return new NetBuilder("alexnet", input, seed)
        .conv("conv1", 64, 11, Sliding.valid(4), CONV, TENTH)
        .relu("conv1")
        .maxPool("pool1", 3, Sliding.valid(2))
        .conv("conv2", 192, 5, Sliding.same(1), CONV, TENTH)
        .relu("conv2")
        .maxPool("pool2", 3, Sliding.valid(2))
        .conv("conv3", 384, 3, Sliding.same(1), CONV, TENTH)
        .relu("conv3")
        .conv("conv4", 384, 3, Sliding.same(1), CONV, TENTH)
        .relu("conv4")
        .conv("conv5", 256, 3, Sliding.same(1), CONV, TENTH)
        .relu("conv5")
        .maxPool("pool5", 3, Sliding.valid(2))
        .flatten("flatten")
        .dense("fc6", 4096, DENSE, TENTH)
        .relu("fc6")
        .dropout("dropout6", 0.5f)
        .dense("fc7", 4096, DENSE, TENTH)
        .relu("fc7")
        .dropout("dropout7", 0.5f)
        .logits("fc8", classes, DENSE, ZERO);
  }
}
