package io.sparsescope.it.soak;

import static io.sparsescope.onnx.Nodes.integer;
import static io.sparsescope.onnx.Nodes.integers;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Four models that show all their activations as outputs, so that a program can count them itself:
 * two convolutional ones of [n, 3, 32, 32], a perceptron of [n, 64], and one that makes integers of
 * [n, 64]. Activations are the outputs of Relu and Cast nodes, their tensors are called r1, r2, k.
 */
final class SoakModels {
  private static final int OPSET = 13;

  private SoakModels() {}

  static void writeTo(Path folder) throws IOException {
    Files.write(folder.resolve("narrow.onnx"), convolutional(16, 32));
    Files.write(folder.resolve("wide.onnx"), convolutional(64, 256));
    Files.write(folder.resolve("perceptron.onnx"), perceptron(512));
    Files.write(folder.resolve("integers.onnx"), integers64());
  }

  private static byte[] convolutional(int first, int second) {
    Random random = new Random(first);
    return ModelBuilder.model(OPSET)
        .graphName("convolutional " + first)
        .input("x", ElementType.FLOAT, -1, 3, 32, 32)
        .initializer("w1", gaussian(random, first * 27), first, 3, 3, 3)
        .initializer("w2", gaussian(random, second * first * 9), second, first, 3, 3)
        .initializer("w3", gaussian(random, second * 10), second, 10)
        .node("Conv", List.of("x", "w1"), List.of("c1"), "conv1", integers("pads", 1, 1, 1, 1))
        .node("Relu", List.of("c1"), List.of("r1"), "relu1")
        .node("Conv", List.of("r1", "w2"), List.of("c2"), "conv2", integers("strides", 2, 2))
        .node("Relu", List.of("c2"), List.of("r2"), "relu2")
        .node("GlobalAveragePool", List.of("r2"), List.of("p"), "pool")
        .node("Flatten", List.of("p"), List.of("f"), "flatten")
        .node("MatMul", List.of("f", "w3"), List.of("y"), "fc")
        .output("y", ElementType.FLOAT, -1, 10)
        .output("r1", ElementType.FLOAT, -1, first, 32, 32)
        .output("r2", ElementType.FLOAT, -1, second, 15, 15)
        .toBytes();
  }

  private static byte[] perceptron(int hidden) {
    Random random = new Random(hidden);
    return ModelBuilder.model(OPSET)
        .graphName("perceptron")
        .input("x", ElementType.FLOAT, -1, 64)
        .initializer("w1", gaussian(random, 64 * hidden), 64, hidden)
        .initializer("w2", gaussian(random, hidden * hidden), hidden, hidden)
        .node("MatMul", List.of("x", "w1"), List.of("h1"), "fc1")
        .node("Relu", List.of("h1"), List.of("r1"), "relu1")
        .node("MatMul", List.of("r1", "w2"), List.of("h2"), "fc2")
        .node("Relu", List.of("h2"), List.of("r2"), "relu2")
        .output("r1", ElementType.FLOAT, -1, hidden)
        .output("r2", ElementType.FLOAT, -1, hidden)
        .toBytes();
  }

  private static byte[] integers64() {
    return ModelBuilder.model(OPSET)
        .graphName("integers")
        .input("x", ElementType.FLOAT, -1, 64)
        .node("Relu", List.of("x"), List.of("r1"), "relu1")
        .node(
            "Cast", List.of("r1"), List.of("k"), "cast", integer("to", ElementType.INT32.number()))
        .output("r1", ElementType.FLOAT, -1, 64)
        .output("k", ElementType.INT32, -1, 64)
        .toBytes();
  }

  private static float[] gaussian(Random random, int elements) {
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
