package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Adds layer after layer to a model. Each method reads the tensor that the last one made; a node's
 * output goes by the node's name.
 */
final class NetBuilder {
  private static final int OPSET = 18;
  private static final String INPUT = "x";
  private static final String OUTPUT = "logits";

  private final String net;
  private final ImageShape input;
  private final long seed;
  private final ModelBuilder model;
  private String tensor = INPUT;
  private ImageShape shape;

  NetBuilder(String net, ImageShape input, long seed) {
    this.net = net;
    this.input = input;
    this.seed = seed;
    this.shape = input;
    this.model =
        ModelBuilder.model(OPSET)
            .graphName(net)
            .input(INPUT, ElementType.FLOAT, -1, input.channels(), input.height(), input.width());
  }

  /** The tensor that was made last. */
  String tensor() {
    return tensor;
  }

  /** Shape of that tensor, without the batch. */
  ImageShape shape() {
    return shape;
  }

  /** Goes on from another tensor. */
  NetBuilder from(String other, ImageShape otherShape) {
    tensor = other;
    shape = otherShape;
    return this;
  }

  /** A convolution without biases: {@code SCOPE/Conv} with {@code SCOPE/weights}. */
  NetBuilder conv(String scope, int filters, int kernel, Sliding sliding, Initial weights) {
    return conv(scope, filters, kernel, sliding, weights, List.of());
  }

  /**
   * A convolution with biases: {@code SCOPE/Conv} with {@code SCOPE/weights} and {@code /biases}.
   */
  NetBuilder conv(
      String scope, int filters, int kernel, Sliding sliding, Initial weights, Initial biases) {
    String name = parameter(scope + "/biases", biases, 0, 0, filters);
    return conv(scope, filters, kernel, sliding, weights, List.of(name));
  }

  private NetBuilder conv(
      String scope,
      int filters,
      int kernel,
      Sliding sliding,
      Initial weights,
      List<String> biases) {
    int channels = shape.channels();
    long area = (long) kernel * kernel;
    String kernels =
        parameter(
            scope + "/weights",
            weights,
            area * channels,
            area * filters,
            filters,
            channels,
            kernel,
            kernel);
    List<String> inputs =
        biases.isEmpty() ? List.of(tensor, kernels) : List.of(tensor, kernels, biases.get(0));
    ImageShape slid = slide(scope, filters, kernel, sliding);
    long[] pads = sliding.pads(shape, kernel);
    shape = slid;
    return node(
        scope + "/Conv",
        "Conv",
        inputs,
        Nodes.integers("kernel_shape", kernel, kernel),
        Nodes.integers("pads", pads),
        Nodes.integers("strides", sliding.stride(), sliding.stride()));
  }

  NetBuilder maxPool(String scope, int kernel, Sliding sliding) {
    ImageShape slid = slide(scope, shape.channels(), kernel, sliding);
    long[] pads = sliding.pads(shape, kernel);
    shape = slid;
    return node(
        scope + "/MaxPool",
        "MaxPool",
        List.of(tensor),
        Nodes.integers("kernel_shape", kernel, kernel),
        Nodes.integers("pads", pads),
        Nodes.integers("strides", sliding.stride(), sliding.stride()));
  }

  private ImageShape slide(String scope, int channels, int kernel, Sliding sliding) {
    int height = sliding.places(shape.height(), kernel);
    int width = sliding.places(shape.width(), kernel);
    if (height < 1 || width < 1) {
      throw new OnnxException(
          net
              + ": "
              + scope
              + " would slide a window of "
              + kernel
              + "x"
              + kernel
              + " over "
              + shape.height()
              + "x"
              + shape.width()
              + "; images of "
              + input
              + " are too small for this net");
    }
    return new ImageShape(channels, height, width);
  }

  NetBuilder relu(String scope) {
    return node(scope + "/Relu", "Relu", List.of(tensor));
  }

  /** A batch normalization in its inference form: scale 1, shift 0, mean 0, variance 1 at first. */
  NetBuilder batchNorm(String scope, float epsilon, float momentum) {
    String name = scope + "/BatchNorm";
    int channels = shape.channels();
    return node(
        name,
        "BatchNormalization",
        List.of(
            tensor,
            parameter(name + "/gamma", Initial.constant(1), 0, 0, channels),
            parameter(name + "/beta", Initial.constant(0), 0, 0, channels),
            parameter(name + "/moving_mean", Initial.constant(0), 0, 0, channels),
            parameter(name + "/moving_variance", Initial.constant(1), 0, 0, channels)),
        Nodes.real("epsilon", epsilon),
        Nodes.real("momentum", momentum));
  }

  /**
   * y = x / (bias + alpha / size * sum of squares over size channels) ^ beta, as ONNX defines it.
   */
  NetBuilder localResponse(String scope, int size, float alpha, float beta, float bias) {
    return node(
        scope + "/LRN",
        "LRN",
        List.of(tensor),
        Nodes.integer("size", size),
        Nodes.real("alpha", alpha),
        Nodes.real("beta", beta),
        Nodes.real("bias", bias));
  }

  NetBuilder add(String scope, String other) {
    return node(scope + "/Add", "Add", List.of(other, tensor));
  }

  NetBuilder globalAverage(String scope) {
    shape = new ImageShape(shape.channels(), 1, 1);
    return node(scope + "/GlobalAveragePool", "GlobalAveragePool", List.of(tensor));
  }

  NetBuilder flatten(String scope) {
    shape = new ImageShape(shape.size(), 1, 1);
    return node(scope + "/Flatten", "Flatten", List.of(tensor));
  }

  /** A dropout in its inference form, which changes nothing. */
  NetBuilder dropout(String scope, float ratio) {
    String name = scope + "/ratio";
    model.initializer(name, new float[] {ratio});
    return node(scope + "/Dropout", "Dropout", List.of(tensor, name));
  }

  /** A fully connected layer: {@code SCOPE/Gemm}, weights of shape [inputs, outputs]. */
  NetBuilder dense(String scope, int outputs, Initial weights, Initial biases) {
    return dense(scope, scope + "/Gemm", outputs, weights, biases);
  }

  private NetBuilder dense(
      String scope, String output, int outputs, Initial weights, Initial biases) {
    int inputs = shape.channels();
    String matrix = parameter(scope + "/weights", weights, inputs, outputs, inputs, outputs);
    String added = parameter(scope + "/biases", biases, 0, 0, outputs);
    model.node("Gemm", List.of(tensor, matrix, added), List.of(output), scope + "/Gemm");
    return from(output, new ImageShape(outputs, 1, 1));
  }

  /** The last layer, and with it the model. */
  ModelBuilder logits(String scope, int classes, Initial weights, Initial biases) {
    if (classes < 1) {
      throw new OnnxException(net + ": " + classes + " classes; give at least 1");
    }
    dense(scope, OUTPUT, classes, weights, biases);
    return model.output(OUTPUT, ElementType.FLOAT, -1, classes);
  }

  private NetBuilder node(
      String name, String op, List<String> inputs, AttributeProto... attributes) {
    model.node(op, inputs, List.of(name), name, attributes);
    tensor = name;
    return this;
  }

  /** Every parameter has a stream of random numbers of its own, whatever other layers there are. */
  private String parameter(String name, Initial initial, long fanIn, long fanOut, long... dims) {
    long elements = 1;
    for (long dim : dims) {
      elements = Math.multiplyExact(elements, dim);
    }
    if (elements > Integer.MAX_VALUE / Float.BYTES) {
      throw new OnnxException(
          net + ": " + name + " would have " + elements + " values; take smaller images");
    }
    Draws draws = new Draws(31 * seed + name.hashCode());
    ByteBuffer values =
        ByteBuffer.allocate((int) elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      values.putFloat(initial.draw(draws, fanIn, fanOut));
    }
    model.initializer(Tensors.raw(name, ElementType.FLOAT, values.array(), dims));
    return name;
  }
}
