package io.sparsescope.it.page;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** Chains of layers x W + b, Relu, as long as it takes. */
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

  private static float[] gaussian(Random random, int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }
}
