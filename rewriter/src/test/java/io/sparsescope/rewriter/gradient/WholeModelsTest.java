package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whole models: every parameter's gradient against central differences in float64. */
class WholeModelsTest {
  private static final double TOLERANCE = 1e-5;
  private static final int LOOKED_AT = 12;
  private static final int BATCH = 3;
  private static final int CLASSES = 3;

  private final Random random = new Random(5);
  private ModelBuilder model;

  @Test
  void gradientsOfATransformerAreTheJudges() {
    model = ModelBuilder.model(20).input("tokens", ElementType.INT64, -1, 5);
    op("Gather", "embedding", weights("embedding/table", 11, 8), "tokens");
    op("Add", "positions", "embedding", weights("positions/table", 5, 8));
    attention("positions");
    feedForward("attended");
    op("ReduceMean", "pooled", List.of(Nodes.integer("keepdims", 0)), "fed", int64s("axis", 1));
    op("Gemm", "logits", "pooled", weights("head/weights", 8, CLASSES), weights("head/biases", 3));
    model.output("logits", ElementType.FLOAT, -1, CLASSES);
    DoubleTensor tokens = integers(11, BATCH, 5);

    GradientTrial trial =
        new GradientTrial(model.build(), Map.of("tokens", tokens), labels(), random);

    assertThat(trial.gradients().parameters())
        .extracting(Parameter::name)
        .contains("embedding/table", "qkv/weights", "norm1/scale", "norm2/shift", "head/biases");
    trial.assertExact(TOLERANCE, LOOKED_AT, 0);
  }

  /** Two heads of four. */
  private void attention(String x) {
    normalized("norm1", x);
    op("MatMul", "qkv/product", "norm1", weights("qkv/weights", 8, 24));
    op("Add", "qkv", "qkv/product", weights("qkv/biases", 24));
    List<String> parts = List.of("query", "key", "value");
    model.node(
        "Split",
        List.of("qkv", int64s("lengths", 8, 8, 8)),
        parts,
        "split",
        Nodes.integer("axis", -1));
    String heads = int64s("heads", 0, 5, 2, 4);
    for (String part : parts) {
      op("Reshape", part + "/heads", part, heads);
      long[] perm = part.equals("key") ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 1, 3};
      op("Transpose", part + "/turned", List.of(Nodes.integers("perm", perm)), part + "/heads");
    }
    op("MatMul", "products", "query/turned", "key/turned");
    model.initializer("half", new float[] {0.5f});
    op("Mul", "scores", "products", "half");
    op("Softmax", "shares", List.of(Nodes.integer("axis", -1)), "scores");
    op("MatMul", "mixed", "shares", "value/turned");
    op("Transpose", "mixed/turned", List.of(Nodes.integers("perm", 0, 2, 1, 3)), "mixed");
    op("Reshape", "mixed/joined", "mixed/turned", int64s("joined", 0, 5, 8));
    op("MatMul", "projection", "mixed/joined", weights("projection/weights", 8, 8));
    op("Add", "attended", x, "projection");
  }

  private void feedForward(String x) {
    normalized("norm2", x);
    op("MatMul", "wide/product", "norm2", weights("wide/weights", 8, 16));
    op("Add", "wide", "wide/product", weights("wide/biases", 16));
    op("Gelu", "gelu", "wide");
    op("MatMul", "narrow/product", "gelu", weights("narrow/weights", 16, 8));
    op("Add", "narrow", "narrow/product", weights("narrow/biases", 8));
    op("Add", "fed", x, "narrow");
  }

  private void normalized(String name, String x) {
    op("LayerNormalization", name, x, scale(name + "/scale", 8), weights(name + "/shift", 8));
  }

  @Test
  void gradientsOfAResidualNetAreTheJudges() {
    model = ModelBuilder.model(18).input("x", ElementType.FLOAT, -1, 3, 9, 9);
    convolution("conv1", "x", 6, 3, 3, 1);
    batchNormalized("conv1", 6);
    op("Relu", "relu1", "conv1/normalized");
    residual("relu1");
    op(
        "MaxPool",
        "pool",
        List.of(
            Nodes.integers("kernel_shape", 3, 3),
            Nodes.integers("strides", 2, 2),
            Nodes.string("auto_pad", "SAME_UPPER")),
        "block");
    op("LRN", "lrn", List.of(Nodes.integer("size", 3), Nodes.real("alpha", 0.5f)), "pool");
    op("GlobalAveragePool", "average", "lrn");
    op("Flatten", "flat", "average");
    op("Dropout", "drop", "flat");
    op("Gemm", "logits", "drop", weights("fc/weights", 8, CLASSES), weights("fc/biases", CLASSES));
    model.output("logits", ElementType.FLOAT, -1, CLASSES);
    DoubleTensor x = DoubleTensor.random(random, -1, 1, BATCH, 3, 9, 9);

    GradientTrial trial = new GradientTrial(model.build(), Map.of("x", x), labels(), random);

    assertThat(trial.gradients().parameters())
        .extracting(Parameter::name)
        .contains("conv1/weights", "conv1/gamma", "shortcut/beta", "grouped/weights", "fc/biases")
        .hasSize(14);
    trial.assertExact(TOLERANCE, LOOKED_AT, 0);
    assertRunningStatistics(trial);
  }

  /** A grouped convolution of stride 2, beside a projection. */
  private void residual(String x) {
    convolution("grouped", x, 8, 3, 3, 2);
    batchNormalized("grouped", 8);
    op("Relu", "grouped/relu", "grouped/normalized");
    convolution("second", "grouped/relu", 8, 8, 3, 1);
    batchNormalized("second", 8);
    convolution("shortcut", x, 8, 6, 1, 2);
    batchNormalized("shortcut", 8);
    op("Add", "sum", "second/normalized", "shortcut/normalized");
    op("Relu", "block", "sum");
  }

  private void convolution(String name, String x, int maps, int inputs, int kernel, int stride) {
    List<AttributeProto> attributes = new ArrayList<>();
    attributes.add(Nodes.integers("strides", stride, stride));
    int pad = kernel / 2;
    attributes.add(Nodes.integers("pads", pad, pad, pad, pad));
    if (name.equals("grouped")) {
      attributes.add(Nodes.integer("group", 2));
    }
    op("Conv", name, attributes, x, weights(name + "/weights", maps, inputs, kernel, kernel));
  }

  private void batchNormalized(String name, int channels) {
    op(
        "BatchNormalization",
        name + "/normalized",
        name,
        scale(name + "/gamma", channels),
        weights(name + "/beta", channels),
        weights(name + "/moving_mean", channels),
        scale(name + "/moving_variance", channels));
  }

  /** 0.9 of the old value and 0.1 of the batch's, with the unbiased variance. */
  private static void assertRunningStatistics(GradientTrial trial) {
    assertThat(trial.gradients().statistics()).hasSize(8);
    DoubleTensor x = trial.judged().get("conv1");
    int planes = x.shape()[0];
    int area = 81;
    for (int c = 0; c < 6; c++) {
      int channel = c;
      double[] values =
          IntStream.range(0, planes * area)
              .mapToDouble(i -> x.values()[(i / area * 6 + channel) * area + i % area])
              .toArray();
      double mean = Arrays.stream(values).sum() / values.length;
      double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
      double variance = squares / (values.length - 1);
      assertNext(trial, "conv1/moving_mean", c, mean);
      assertNext(trial, "conv1/moving_variance", c, variance);
    }
  }

  private static void assertNext(GradientTrial trial, String statistic, int c, double batch) {
    double old = trial.judged().get(statistic).values()[c];
    assertThat(trial.outputs().get(statistic + "/next").values()[c])
        .isCloseTo(0.9 * old + 0.1 * batch, within(1e-6));
  }

  private DoubleTensor labels() {
    return integers(CLASSES, BATCH);
  }

  private DoubleTensor integers(int below, int... shape) {
    return DoubleTensor.random(random, 0, below, shape).map(Math::floor).asIntegral(true);
  }

  private String weights(String name, int... shape) {
    return initializer(name, DoubleTensor.random(random, -0.6, 0.6, shape));
  }

  private String scale(String name, int length) {
    return initializer(name, DoubleTensor.random(random, 0.5, 1.5, length));
  }

  private String initializer(String name, DoubleTensor values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.values()[i];
    }
    model.initializer(name, floats, Arrays.stream(values.shape()).asLongStream().toArray());
    return name;
  }

  private String int64s(String name, long... values) {
    model.initializer(name, values, values.length);
    return name;
  }

  private void op(String type, String output, String... inputs) {
    op(type, output, List.of(), inputs);
  }

  private void op(String type, String output, List<AttributeProto> attributes, String... inputs) {
    model.node(
        Nodes.node(
            type,
            List.of(inputs),
            List.of(output),
            output,
            attributes.toArray(AttributeProto[]::new)));
  }
}
