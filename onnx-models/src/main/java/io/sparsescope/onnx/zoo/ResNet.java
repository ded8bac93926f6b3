package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ModelBuilder;
import java.util.List;

/**
 * Residual nets of bottleneck units (tables 3 and 5 of the paper; TF-Slim's {@code resnet_v1}):
 * conv1 7x7x64 stride 2, a pool of 3x3 stride 2, blocks of units, a global mean, logits. A unit is
 * three convolutions (1x1, 3x3, 1x1), each normalized over the batch, added to a shortcut: a
 * convolution where the number of channels changes, else the unit's input. As in TF-Slim the last
 * unit of each block but the last halves the size; where its shortcut is no convolution that is a
 * pool of 1x1.
 *
 * <p>Block b (from 1) has 64 * 2^(b-1) filters in its inner convolutions and 4 times as many
 * channels. The paper does not tell those of its ResNet-14: here they are the first two blocks of
 * ResNet-50. The paper's net was likely smaller: its table 3 weighted by these element counts
 * (equation 5) gives total weight sparsities of .068 and .343, where table 6 has .062 and .326;
 * with conv1 3x3x16 and blocks of 16 and 32 filters both would come out.
 *
 * <p>Weights are He's (truncated normal); BatchNormalization has epsilon 1e-5 and momentum 0.997;
 * the biases of logits are 0, other layers have none.
 */
final class ResNet {
  private static final int FILTERS = 64;
  private static final int WIDENING = 4;
  private static final Initial WEIGHTS = Initial.he();
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.997f;

  private final NetBuilder net;
  private final List<Integer> units;

  private ResNet(NetBuilder net, List<Integer> units) {
    this.net = net;
    this.units = units;
  }

  /**
   * @param units number of units of each block
   */
  static ModelBuilder build(
      String name, List<Integer> units, ImageShape input, int classes, long seed) {
    NetBuilder net = new NetBuilder(name, input, seed);
    new ResNet(net, units).addBlocks();
    return net.globalAverage("pool5")
        .flatten("flatten")
        .logits("logits", classes, WEIGHTS, Initial.constant(0));
  }

  private void addBlocks() {
    normalized("conv1", FILTERS, 7, Sliding.centered(2)).relu("conv1");
    net.maxPool("pool1", 3, Sliding.same(2));
    for (int block = 0; block < units.size(); block++) {
      boolean lastBlock = block == units.size() - 1;
      for (int unit = 1; unit <= units.get(block); unit++) {
        boolean halves = unit == units.get(block) && !lastBlock;
        addUnit("block" + (block + 1) + "/unit_" + unit, FILTERS << block, halves ? 2 : 1);
      }
    }
  }

  private void addUnit(String scope, int filters, int stride) {
    String input = net.tensor();
    ImageShape shape = net.shape();
    shortcut(scope + "/shortcut", WIDENING * filters, stride);
    String shortcut = net.tensor();
    net.from(input, shape);
    normalized(scope + "/conv1", filters, 1, Sliding.valid(1)).relu(scope + "/conv1");
    normalized(scope + "/conv2", filters, 3, Sliding.centered(stride)).relu(scope + "/conv2");
    normalized(scope + "/conv3", WIDENING * filters, 1, Sliding.valid(1))
        .add(scope, shortcut)
        .relu(scope);
  }

  private void shortcut(String scope, int channels, int stride) {
    if (net.shape().channels() != channels) {
      normalized(scope, channels, 1, Sliding.valid(stride));
    } else if (stride > 1) {
      net.maxPool(scope, 1, Sliding.valid(stride));
    }
  }

  private NetBuilder normalized(String scope, int filters, int kernel, Sliding sliding) {
    return net.conv(scope, filters, kernel, sliding, WEIGHTS).batchNorm(scope, EPSILON, MOMENTUM);
  }
}
