package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A net of three layers whose weights and inputs are such that float arithmetic is exact, and plain
 * loops that say what it does.
 */
final class Perceptron {
  static final int[] WIDTHS = {4, 6, 5, 3};

  final float[][] weights = new float[3][];
  final float[][] inputs;
  final int[] labels;

  /** Random weights in eighths, random small integers as inputs; one label in ten is wrong. */
  Perceptron(long seed, int records) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int l = 0; l < 3; l++) {
      weights[l] = new float[WIDTHS[l] * WIDTHS[l + 1]];
      for (int i = 0; i < weights[l].length; i++) {
        weights[l][i] = random.nextInt(-12, 13) / 8f;
      }
    }
    inputs = new float[records][WIDTHS[0]];
    labels = new int[records];
    double[] none = new double[3];
    for (int r = 0; r < records; r++) {
      for (int i = 0; i < WIDTHS[0]; i++) {
        inputs[r][i] = random.nextInt(-3, 4);
      }
      labels[r] =
          random.nextInt(10) == 0
              ? random.nextInt(WIDTHS[3])
              : classOf(inputs[r], none, none, false);
    }
  }

  Records records() {
    return new Records(inputs, labels);
  }

  ModelFile model() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, WIDTHS[0])
        .output("y", ElementType.FLOAT, -1, WIDTHS[3])
        .initializer("w0", weights[0], WIDTHS[0], WIDTHS[1])
        .initializer("w1", weights[1], WIDTHS[1], WIDTHS[2])
        .initializer("w2", weights[2], WIDTHS[2], WIDTHS[3])
        .node("MatMul", List.of("x", "w0"), List.of("m0"), "a")
        .node("Relu", List.of("m0"), List.of("h0"), "ra")
        .node("MatMul", List.of("h0", "w1"), List.of("m1"), "b")
        .node("Relu", List.of("m1"), List.of("h1"), "rb")
        .node("MatMul", List.of("h1", "w2"), List.of("y"), "c")
        .toModel("perceptron");
  }

  /** Records that are right. */
  int right(double[] onWeights, double[] onActivations, boolean orEqual) {
    int right = 0;
    for (int r = 0; r < inputs.length; r++) {
      if (classOf(inputs[r], onWeights, onActivations, orEqual) == labels[r]) {
        right++;
      }
    }
    return right;
  }

  int zeros(int layer, double threshold, boolean orEqual) {
    int zeros = 0;
    for (float weight : weights[layer]) {
      if (zeroed(weight, threshold, orEqual) == 0) {
        zeros++;
      }
    }
    return zeros;
  }

  /** Zeros of a layer's activation over all records. */
  int activationZeros(int layer, double[] onActivations, boolean orEqual) {
    int zeros = 0;
    for (float[] input : inputs) {
      double[] value = forward(input, layer + 1, new double[3], onActivations, orEqual);
      for (double v : value) {
        if (v == 0) {
          zeros++;
        }
      }
    }
    return zeros;
  }

  private int classOf(float[] x, double[] onWeights, double[] onActivations, boolean orEqual) {
    double[] y = forward(x, 3, onWeights, onActivations, orEqual);
    int best = 0;
    for (int i = 1; i < y.length; i++) {
      if (y[i] > y[best]) {
        best = i;
      }
    }
    return best;
  }

  private double[] forward(
      float[] x, int layers, double[] onWeights, double[] onActivations, boolean orEqual) {
    double[] value = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      value[i] = x[i];
    }
    for (int l = 0; l < layers; l++) {
      double[] next = new double[WIDTHS[l + 1]];
      for (int o = 0; o < next.length; o++) {
        for (int i = 0; i < value.length; i++) {
          next[o] += value[i] * zeroed(weights[l][i * next.length + o], onWeights[l], orEqual);
        }
        if (l < 2) {
          next[o] = zeroed(Math.max(0, next[o]), onActivations[l], orEqual);
        }
      }
      value = next;
    }
    return value;
  }

  private static double zeroed(double value, double threshold, boolean orEqual) {
    boolean zero = orEqual ? Math.abs(value) <= threshold : Math.abs(value) < threshold;
    return threshold > 0 && zero ? 0 : value;
  }
}
