package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * A small model to try operators in. Parameters are weights of layers, so what goes into the
 * operator under trial is made by a layer, {@code Reshape(MatMul(input, weights))}, whose input is
 * a diagonal matrix of powers of two: the layer computes no rounding, and its weights' gradients
 * tell those of the tensor.
 */
final class TrialModel {
  private final ModelBuilder builder;
  private final Random random;
  private final int batch;
  private final Map<String, DoubleTensor> feeds = new LinkedHashMap<>();
  private final List<String> parameters = new ArrayList<>();
  private int tensors;

  TrialModel(Random random) {
    this(random, 18);
  }

  TrialModel(Random random, int opset) {
    this.random = random;
    builder = ModelBuilder.model(opset);
    batch = 1 + random.nextInt(3);
  }

  Random random() {
    return random;
  }

  /** An integer of from..to. */
  int pick(int from, int to) {
    return from + random.nextInt(to - from + 1);
  }

  boolean flip() {
    return random.nextBoolean();
  }

  /** The number of records, which the model itself does not know. */
  int batch() {
    return batch;
  }

  /** 1 to 4 dimensions of 1 to 4. */
  int[] shape() {
    return shape(pick(1, 4));
  }

  int[] shape(int rank) {
    int[] shape = new int[rank];
    Arrays.setAll(shape, i -> pick(1, 4));
    return shape;
  }

  /** Values over -2 to 2, none nearer to a kink than 0.02. */
  DoubleTensor values(double[] kinks, int... shape) {
    return values(-2, 2, kinks, shape);
  }

  DoubleTensor values(double from, double to, double[] kinks, int... shape) {
    DoubleTensor drawn = DoubleTensor.random(random, from, to, shape);
    for (int i = 0; i < drawn.size(); i++) {
      double v = drawn.values()[i];
      while (nearAny(v, kinks)) {
        v = (float) (from + (to - from) * random.nextDouble());
      }
      drawn.values()[i] = v;
    }
    return drawn;
  }

  private static boolean nearAny(double v, double[] kinks) {
    return Arrays.stream(kinks).anyMatch(k -> Math.abs(v - k) < 0.02);
  }

  /** Values of which no two are nearer than 1/16, in a random order. */
  DoubleTensor distinct(int... shape) {
    int size = DoubleTensor.size(shape);
    List<Double> drawn = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      drawn.add((i - size / 2) / 16.0);
    }
    Collections.shuffle(drawn, random);
    return DoubleTensor.of(drawn.stream().mapToDouble(v -> v).toArray(), shape);
  }

  /** A tensor that a gradient is wanted of, over -2 to 2. */
  String variable(int... shape) {
    return variable(values(new double[0], shape));
  }

  /** A tensor of the given values that a gradient is wanted of. */
  String variable(DoubleTensor values) {
    return layer(values, 1, Arrays.stream(values.shape()).asLongStream().toArray());
  }

  /** The same; its first dimension, {@link #batch} long, is one that the model does not know. */
  String batched(DoubleTensor values) {
    long[] shape = Arrays.stream(values.shape()).asLongStream().toArray();
    shape[0] = -1;
    return layer(values, values.shape()[0], shape);
  }

  String batched(int... shape) {
    return batched(values(new double[0], shape));
  }

  /** Either. */
  String either(DoubleTensor values) {
    return values.rank() > 0 && flip() ? batched(values) : variable(values);
  }

  private String layer(DoubleTensor values, int rows, long[] shape) {
    String scope = "layer" + parameters.size();
    int columns = values.size() / rows;
    double[] diagonal = new double[rows * rows];
    float[] weights = new float[values.size()];
    for (int r = 0; r < rows; r++) {
      diagonal[r * rows + r] = Math.scalb(1.0, random.nextInt(3) - 1);
      for (int c = 0; c < columns; c++) {
        weights[r * columns + c] =
            (float) (values.values()[r * columns + c] / diagonal[r * rows + r]);
      }
    }
    builder.input(scope + "/input", ElementType.FLOAT, rows == 1 ? 1 : -1, rows);
    feeds.put(scope + "/input", DoubleTensor.of(diagonal, rows, rows));
    builder.initializer(scope + "/weights", weights, rows, columns);
    parameters.add(scope + "/weights");
    String product = scope + "/product";
    builder.node(
        "MatMul",
        List.of(scope + "/input", scope + "/weights"),
        List.of(product),
        scope + "/MatMul");
    return node("Reshape", List.of(), product, int64s(shape));
  }

  /** Adds a parameter that is no layer's weight made here, such as a scale. */
  String parameter(DoubleTensor values) {
    String name = initializer(values);
    parameters.add(name);
    return name;
  }

  /** A tensor without a gradient: a constant of float32. */
  String initializer(DoubleTensor values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.values()[i];
    }
    return initializer(
        Tensors.floats("", floats, Arrays.stream(values.shape()).asLongStream().toArray()));
  }

  String initializer(TensorProto values) {
    String name = "constant" + tensors++;
    builder.initializer(values.toBuilder().setName(name).build());
    return name;
  }

  String int64s(long... values) {
    return initializer(Tensors.int64s("", values, values.length));
  }

  /** A constant of integers of any shape. */
  String integers(long[] values, int... shape) {
    return initializer(Tensors.int64s("", values, Arrays.stream(shape).asLongStream().toArray()));
  }

  String booleans(boolean[] values, int... shape) {
    byte[] raw = new byte[values.length];
    for (int i = 0; i < raw.length; i++) {
      raw[i] = (byte) (values[i] ? 1 : 0);
    }
    return initializer(
        Tensors.raw("", ElementType.BOOL, raw, Arrays.stream(shape).asLongStream().toArray()));
  }

  /** An input of the model of int64; a negative dimension is not known to the model. */
  String fed(DoubleTensor integers, long... dims) {
    String name = "fed" + tensors++;
    builder.input(name, ElementType.INT64, dims);
    feeds.put(name, integers);
    return name;
  }

  String node(String op, List<AttributeProto> attributes, String... inputs) {
    return nodes(op, 1, attributes, inputs).get(0);
  }

  String node(String op, String... inputs) {
    return node(op, List.of(), inputs);
  }

  List<String> nodes(String op, int outputs, List<AttributeProto> attributes, String... inputs) {
    List<String> names = new ArrayList<>();
    String name = op.toLowerCase(Locale.ROOT) + tensors++;
    for (int i = 0; i < outputs; i++) {
      names.add(name + ":" + i);
    }
    builder.node(
        Nodes.node(op, List.of(inputs), names, name, attributes.toArray(AttributeProto[]::new)));
    return names;
  }

  /** The model, whose only output is the given tensor. */
  ModelProto build(String output) {
    String result = "result";
    builder.node("Identity", List.of(output), List.of(result), result);
    return builder.unshapedOutput(result, ElementType.FLOAT).build();
  }

  /** What to feed to the model's inputs. */
  Map<String, DoubleTensor> feeds() {
    return feeds;
  }

  List<String> parameters() {
    return parameters;
  }

  @Override
  public String toString() {
    return builder.build().getGraph().getNodeList().stream()
        .map(n -> n.toString().replaceAll("\\s+", " "))
        .collect(Collectors.joining("\n"));
  }
}
