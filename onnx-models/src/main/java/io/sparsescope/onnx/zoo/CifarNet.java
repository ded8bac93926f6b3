package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ModelBuilder;

/**
 * CifarNet (table 2 of the paper; TF-Slim's {@code cifarnet}): conv1 5x5x64, pool 2, LRN, conv2
 * 5x5x64, LRN, pool 2, fc3 384, dropout, fc4 192, logits. Convolutions keep the image's size.
 *
 * <p>LRN takes 9 channels (depth radius 4) and alpha 0.001 / 9 in TensorFlow, which multiplies the
 * sum of squares by alpha. ONNX multiplies it by alpha / size: the same function has alpha 0.001
 * there.
 *
 * <p>Weights are drawn from truncated normals of standard deviation 0.05 (convolutions), 0.04 (fc3,
 * fc4) and 1/192 (logits); biases are 0, those of fc3 and fc4 0.1.
 */
final class CifarNet {
  private static final Initial CONV = Initial.truncatedNormal(0.05);
  private static final Initial DENSE = Initial.truncatedNormal(0.04);
  private static final Initial LOGITS = Initial.truncatedNormal(1 / 192.0);
  private static final Initial ZERO = Initial.constant(0);
  private static final Initial TENTH = Initial.constant(0.1f);

  private CifarNet() {}

  static ModelBuilder build(ImageShape input, int classes, long seed) {
    return new NetBuilder("cifarnet", input, seed)
        .conv("conv1", 64, 5, Sliding.same(1), CONV, ZERO)
        .relu("conv1")
        .maxPool("pool1", 2, Sliding.valid(2))
        .localResponse("norm1", 9, 0.001f, 0.75f, 1)
        .conv("conv2", 64, 5, Sliding.same(1), CONV, ZERO)
        .relu("conv2")
        .localResponse("norm2", 9, 0.001f, 0.75f, 1)
        .maxPool("pool2", 2, Sliding.valid(2))
        .flatten("flatten")
        .dense("fc3", 384, DENSE, TENTH)
        .relu("fc3")
        .dropout("dropout3", 0.5f)
        .dense("fc4", 192, DENSE, TENTH)
        .relu("fc4")
        .logits("logits", classes, LOGITS, ZERO);
  }
}
