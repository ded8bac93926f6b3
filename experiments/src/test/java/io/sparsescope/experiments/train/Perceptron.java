package io.sparsescope.experiments.train;

import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.NpyBytes;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.gradient.Differentiator;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.gradient.update.Optimizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * A net of two layers and records that it can learn: three classes of points around corners. Plain
 * loops in double say what training does.
 */
final class Perceptron {
  static final int IN = 4;
  static final int HIDDEN = 6;
  static final int CLASSES = 3;

  final float[] w0 = new float[HIDDEN * IN];
  final float[] b0 = new float[HIDDEN];
  final float[] w1 = new float[CLASSES * HIDDEN];
  final float[] b1 = new float[CLASSES];
  final float[][] x;
  final int[] labels;

  Perceptron(long seed, int records) {
    SplittableRandom random = new SplittableRandom(seed);
    fill(w0, random);
    fill(b0, random);
    fill(w1, random);
    fill(b1, random);
    x = new float[records][IN];
    labels = new int[records];
    for (int r = 0; r < records; r++) {
      labels[r] = random.nextInt(CLASSES);
      for (int i = 0; i < IN; i++) {
        x[r][i] = (float) random.nextDouble(-0.4, 0.4) + (i == labels[r] ? 1 : 0);
      }
    }
  }

  private static void fill(float[] values, SplittableRandom random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-0.7, 0.7);
    }
  }

  ModelFile model() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, IN)
        .output("logits", ElementType.FLOAT, -1, CLASSES)
        .initializer("fc0/weights", w0, HIDDEN, IN)
        .initializer("fc0/biases", b0, HIDDEN)
        .initializer("fc1/weights", w1, CLASSES, HIDDEN)
        .initializer("fc1/biases", b1, CLASSES)
        .node(
            "Gemm",
            List.of("x", "fc0/weights", "fc0/biases"),
            List.of("a0"),
            "fc0/Gemm",
            Nodes.integer("transB", 1))
        .node("Relu", List.of("a0"), List.of("h0"), "fc0/Relu")
        .node(
            "Gemm",
            List.of("h0", "fc1/weights", "fc1/biases"),
            List.of("logits"),
            "fc1/Gemm",
            Nodes.integer("transB", 1))
        .toModel("perceptron");
  }

  /** Files that hold the records. */
  String spec(Path folder) {
    try {
      ByteBuffer values = buffer(4 * x.length * IN);
      ByteBuffer classes = buffer(8 * labels.length);
      for (int r = 0; r < x.length; r++) {
        for (float value : x[r]) {
          values.putFloat(value);
        }
        classes.putLong(labels[r]);
      }
      Path xs = folder.resolve("x.npy");
      Path ys = folder.resolve("y.npy");
      npy(xs, "<f4", x.length + ", " + IN, values);
      npy(ys, "<i8", labels.length + ",", classes);
      return "npy:" + xs + "," + ys;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static void npy(Path file, String type, String shape, ByteBuffer values) throws IOException {
    Files.write(file, NpyBytes.of(type, "(" + shape + ")", values.array()));
  }

  RecordSet records(Path folder) {
    return DataSpec.parse(spec(folder))
        .readAll(InputSpec.of(model()), DataOptions.NONE, OptionalLong.empty());
  }

  static TrainOptions options(String optimizer, String schedule, int batch, long steps) {
    return new TrainOptions(
        Optimizer.parse(optimizer),
        Schedule.parse(schedule),
        batch,
        1,
        OptionalLong.of(steps),
        OptionalLong.empty(),
        1,
        7,
        1,
        Augmentation.NONE);
  }

  TrainingSetup setup(Path folder, TrainOptions options, double l1, double l2) {
    ModelFile model = model();
    RecordSet records = records(folder);
    return new TrainingSetup(
        "perceptron",
        model,
        gradients(model, Loss.SOFTMAX_CROSS_ENTROPY, l1, l2),
        records,
        Optional.of(records),
        options,
        Optional.empty(),
        false);
  }

  static Gradients gradients(ModelFile model, Loss loss, double l1, double l2) {
    return new Differentiator(new Objective(loss, l1, l2)).differentiate(model);
  }

  /** Sees, and may change, the gradient of a parameter. */
  interface Filter {
    void apply(int step, int parameter, double[] gradient);
  }

  /** Trains in double with all records in every step; changes this net, tells the losses. */
  double[] descend(int steps, double rate, double momentum, double l1, double l2) {
    return descend(steps, rate, momentum, l1, l2, (step, parameter, gradient) -> {});
  }

  double[] descend(int steps, double rate, double momentum, double l1, double l2, Filter filter) {
    double[][] p = {doubles(w0), doubles(b0), doubles(w1), doubles(b1)};
    double[][] v = new double[4][];
    double[] losses = new double[steps];
    for (int i = 0; i < 4; i++) {
      v[i] = new double[p[i].length];
    }
    for (int s = 0; s < steps; s++) {
      double[][] g = new double[4][];
      for (int i = 0; i < 4; i++) {
        g[i] = new double[p[i].length];
      }
      losses[s] = backward(p, g);
      for (int i = 0; i < 4; i++) {
        boolean weights = i % 2 == 0;
        for (int j = 0; j < p[i].length; j++) {
          if (weights) {
            losses[s] += l1 * Math.abs(p[i][j]) + l2 / 2 * p[i][j] * p[i][j];
            g[i][j] += l1 * Math.signum(p[i][j]) + l2 * p[i][j];
          }
        }
      }
      for (int i = 0; i < 4; i++) {
        filter.apply(s, i, g[i]);
        for (int j = 0; j < p[i].length; j++) {
          v[i][j] = momentum * v[i][j] + g[i][j];
          p[i][j] -= rate * v[i][j];
        }
      }
    }
    float[][] into = {w0, b0, w1, b1};
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < p[i].length; j++) {
        into[i][j] = (float) p[i][j];
      }
    }
    return losses;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  private double backward(double[][] p, double[][] g) {
    double loss = 0;
    for (int r = 0; r < x.length; r++) {
      double[] h = new double[HIDDEN];
      for (int o = 0; o < HIDDEN; o++) {
        h[o] = p[1][o];
        for (int i = 0; i < IN; i++) {
          h[o] += p[0][o * IN + i] * x[r][i];
        }
        h[o] = Math.max(0, h[o]);
      }
      double[] e = new double[CLASSES];
      double sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        double logit = p[3][c];
        for (int i = 0; i < HIDDEN; i++) {
          logit += p[2][c * HIDDEN + i] * h[i];
        }
        e[c] = Math.exp(logit);
        sum += e[c];
      }
      loss -= Math.log(e[labels[r]] / sum) / x.length;
      double[] dh = new double[HIDDEN];
      for (int c = 0; c < CLASSES; c++) {
        double d = (e[c] / sum - (c == labels[r] ? 1 : 0)) / x.length;
        g[3][c] += d;
        for (int i = 0; i < HIDDEN; i++) {
          g[2][c * HIDDEN + i] += d * h[i];
          dh[i] += h[i] > 0 ? d * p[2][c * HIDDEN + i] : 0;
        }
      }
      for (int o = 0; o < HIDDEN; o++) {
        g[1][o] += dh[o];
        for (int i = 0; i < IN; i++) {
          g[0][o * IN + i] += dh[o] * x[r][i];
        }
      }
    }
    return loss;
  }

  float[][] parameters() {
    return new float[][] {w0, b0, w1, b1};
  }

  static final List<String> NAMES =
      List.of("fc0/weights", "fc0/biases", "fc1/weights", "fc1/biases");

  /** A model's values of these names. */
  static float[][] parameters(ModelFile model) {
    float[][] all = new float[NAMES.size()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = values(model, NAMES.get(i));
    }
    return all;
  }

  static float[] values(ModelFile model, String name) {
    Initializer initializer = model.graph().initializers().get(name);
    ByteBuffer bytes = buffer((int) (4 * initializer.elements()));
    model.data(initializer).forEachChunk(bytes::put);
    float[] values = new float[(int) initializer.elements()];
    bytes.flip().asFloatBuffer().get(values);
    return values;
  }
}
