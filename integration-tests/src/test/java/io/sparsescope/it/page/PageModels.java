package io.sparsescope.it.page;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** Chains of layers x W + b, Relu, as long as it takes, and residual nets. */
final class PageModels {
  private static final int WIDTH = 8;

  private PageModels() {}

  /**
   * @param name name of the layer, by its number
   */
  static Path write(Path file, int layers, IntFunction<String> name) {
    Random random = new Random(layers);
    ModelBuilder model =
        ModelBuilder.model(17)
            .graphName(name.apply(-1))
            .input("x", ElementType.FLOAT, -1, WIDTH)
            .output(name.apply(layers - 1), ElementType.FLOAT, -1, WIDTH);
    String from = "x";
    for (int i = 0; i < layers; i++) {
      String to = name.apply(i);
      model.initializer("w" + i, gaussian(random, WIDTH * WIDTH, .1), WIDTH, WIDTH);
      model.initializer("b" + i, gaussian(random, WIDTH, .5), WIDTH);
      model.node("MatMul", List.of(from, "w" + i), List.of("m" + i), to + "/MatMul");
      model.node("Add", List.of("m" + i, "b" + i), List.of("a" + i), to + "/Add");
      model.node("Relu", List.of("a" + i), List.of(to), to + "/Relu");
      from = to;
    }
    return model.writeTo(file);
  }

  /**
   * A residual net of bottleneck units, named and joined as ResNet-50's, with few channels.
   *
   * @param units number of units of each block; 3, 8, 36, 3 have 512 nodes
   */
  static Path residual(Path file, int... units) {
    Residual net = new Residual();
    net.conv("conv1", "x", 3, 8, 3, 1);
    String from = net.relu("conv1", "conv1/BatchNorm");
    int channels = 8;
    for (int block = 1; block <= units.length; block++) {
      for (int unit = 1; unit <= units[block - 1]; unit++) {
        int stride = unit == 1 && block > 1 ? 2 : 1;
        from =
            net.unit("block%d/unit_%d".formatted(block, unit), from, channels, 1 << block, stride);
        channels = 4 << block;
      }
    }
    return net.classes(from, channels).writeTo(file);
  }

  private static final class Residual {
    private final Random random = new Random(50);
    private final ModelBuilder model =
        ModelBuilder.model(17)
            .graphName("residual")
            .input("x", ElementType.FLOAT, -1, 3, 16, 16)
            .output("logits", ElementType.FLOAT, -1, 10);

    /** Convolution and normalization; the latter's name is that of what they make. */
    String conv(String name, String from, int in, int out, int kernel, int stride) {
      int pad = kernel / 2;
      int size = in * kernel * kernel;
      float[] one = new float[out];
      Arrays.fill(one, 1);
      model.initializer(
          name + "/weights",
          gaussian(random, out * size, 1 / Math.sqrt(size)),
          out,
          in,
          kernel,
          kernel);
      model.initializer(name + "/scale", one, out);
      model.initializer(name + "/shift", gaussian(random, out, .3), out);
      model.initializer(name + "/mean", new float[out], out);
      model.initializer(name + "/variance", one, out);
      model.node(
          "Conv",
          List.of(from, name + "/weights"),
          List.of(name + "/Conv"),
          name + "/Conv",
          Nodes.integers("strides", stride, stride),
          Nodes.integers("pads", pad, pad, pad, pad));
      model.node(
          "BatchNormalization",
          List.of(
              name + "/Conv", name + "/scale", name + "/shift", name + "/mean", name + "/variance"),
          List.of(name + "/BatchNorm"),
          name + "/BatchNorm");
      return name + "/BatchNorm";
    }

    String relu(String name, String from) {
      model.node("Relu", List.of(from), List.of(name + "/Relu"), name + "/Relu");
      return name + "/Relu";
    }

    String unit(String name, String from, int in, int filters, int stride) {
      int out = 4 * filters;
      String shortcut =
          in == out && stride == 1 ? from : conv(name + "/shortcut", from, in, out, 1, stride);
      String a = relu(name + "/conv1", conv(name + "/conv1", from, in, filters, 1, 1));
      String b = relu(name + "/conv2", conv(name + "/conv2", a, filters, filters, 3, stride));
      String c = conv(name + "/conv3", b, filters, out, 1, 1);
      model.node("Add", List.of(shortcut, c), List.of(name + "/Add"), name + "/Add");
      return relu(name, name + "/Add");
    }

    ModelBuilder classes(String from, int channels) {
      model.node("GlobalAveragePool", List.of(from), List.of("pool5"), "pool5");
      model.node("Flatten", List.of("pool5"), List.of("flatten"), "flatten");
      model.initializer("logits/weights", gaussian(random, 10 * channels, .1), channels, 10);
      model.node(
          "MatMul", List.of("flatten", "logits/weights"), List.of("logits"), "logits/MatMul");
      return model;
    }
  }

  private static float[] gaussian(Random random, int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }
}
