package io.sparsescope.rewriter.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayersTest {
  private final ModelBuilder model =
      ModelBuilder.model(13)
          .importing("com.microsoft", 1)
          .input("x", ElementType.FLOAT, -1, 4, -1, -1)
          .initializer("w", new float[16], 4, 4, 1, 1)
          .initializer("m", new float[16], 4, 4)
          .initializer("c", new float[] {1});

  @Test
  void followsBiasNormalizationAndActivationToThePooling() {
    node("Conv", "conv", "a", "x", "w");
    node("Add", "bias", "b", "a", "c");
    node("Relu", "relu", "r", "b");
    node("MaxPool", "pool", "p", "r");
    output("p");
    Layer l = layers().get(0);
    assertThat(l.activation()).isEqualTo("r");
    assertThat(names(l)).containsExactly("conv", "bias", "relu");
  }

  @Test
  void stopsAtBranchesAndAtOutputs() {
    node("Conv", "conv", "a", "x", "w");
    node("Relu", "relu", "r", "a");
    node("Conv", "left", "p", "r", "w");
    node("Conv", "right", "q", "r", "w");
    node("Relu", "after", "s", "p");
    output("p");
    output("q");
    output("s");
    assertThat(layers()).extracting(Layer::activation).containsExactly("r", "p", "q");
  }

  @Test
  void takesAnActivationThatIsWrittenOut() {
    node("Conv", "conv", "a", "x", "w");
    node("Sigmoid", "sigmoid", "s", "a");
    node("Mul", "mul", "y", "a", "s");
    node("Conv", "next", "z", "y", "w");
    output("z");
    Layer l = layers().get(0);
    assertThat(l.activation()).isEqualTo("y");
    assertThat(names(l)).containsExactly("conv", "sigmoid", "mul");
  }

  @Test
  void takesAGeluThatIsWrittenOut() {
    node("MatMul", "fc", "a", "x", "m");
    node("Add", "bias", "h", "a", "c");
    node("Div", "div", "d", "h", "c");
    node("Erf", "erf", "e", "d");
    node("Add", "one", "f", "e", "c");
    node("Mul", "mul", "g", "h", "f");
    node("Mul", "half", "y", "g", "c");
    node("MatMul", "next", "z", "y", "m");
    output("z");
    assertThat(layers().get(0).activation()).isEqualTo("y");
  }

  @Test
  void givesAResidualAdditionToTheDeepestConvolution() {
    node("Conv", "stem", "i", "x", "w");
    node("Conv", "first", "a", "i", "w");
    node("Relu", "relu1", "b", "a");
    node("Conv", "second", "c2", "b", "w");
    // In file order the shortcut comes last, but it is one layer behind the input, not two.
    node("Conv", "shortcut", "s", "i", "w");
    node("Add", "add", "d", "s", "c2");
    node("Relu", "relu2", "y", "d");
    node("MaxPool", "pool", "p", "y");
    output("p");
    assertThat(layers())
        .extracting(Layer::name)
        .containsExactly("stem", "first", "second", "shortcut");
    assertThat(layers()).extracting(Layer::activation).containsExactly("i", "b", "y", "s");
  }

  @Test
  void takesMatMulForALayerOnlyWithWeights() {
    node("MatMul", "qk", "a", "x", "x");
    node("Transpose", "t", "mt", "m");
    node("MatMul", "fc", "b", "a", "mt");
    output("b");
    assertThat(layers()).hasSize(1);
    Weight w = layers().get(0).weights().get(0);
    assertThat(w.name()).isEqualTo("m");
    assertThat(w.tensor()).isEqualTo("mt");
    assertThat(w.input()).isEqualTo(1);
    assertThat(w.shared()).isFalse();
  }

  @Test
  void passesThroughCastsButEndsBeforeThem() {
    node("Conv", "conv", "a", "x", "w");
    model.node(Nodes.node("Cast", List.of("a"), List.of("f"), "cast", Nodes.integer("to", 10)));
    node("Relu", "relu", "r", "f");
    model.node(Nodes.node("Cast", List.of("r"), List.of("g"), "back", Nodes.integer("to", 1)));
    node("MaxPool", "pool", "p", "g");
    output("p");
    assertThat(layers().get(0).activation()).isEqualTo("r");
    assertThat(names(layers().get(0))).containsExactly("conv", "cast", "relu");
  }

  @Test
  void knowsSharedWeightsAndBiases() {
    model.initializer("b1", new float[4], 4);
    node("Conv", "one", "a", "x", "w", "b1");
    node("Identity", "id", "w2", "w");
    node("Conv", "two", "b", "a", "w2");
    output("b");
    assertThat(layers()).allMatch(l -> l.weights().get(0).shared());
    assertThat(layers().get(0).biases()).extracting(Weight::name).containsExactly("b1");
    assertThat(layers().get(1).biases()).isEmpty();
  }

  @Test
  void takesWhatAnAddRightBehindAddsForABias() {
    model.initializer("b1", new float[4], 4);
    model.initializer("b2", new float[4], 4);
    node("MatMul", "one", "a", "x", "m");
    node("Identity", "id", "a2", "a");
    node("Add", "bias", "b", "b1", "a2");
    node("Add", "more", "c2", "b", "b2");
    node("Gemm", "two", "d", "c2", "m", "b2");
    node("Add", "third", "e", "d", "b1");
    node("MatMul", "four", "f", "e", "m");
    node("Relu", "relu", "g", "f");
    node("Add", "late", "h", "g", "b1");
    node("MatMul", "five", "i", "h", "m");
    node("Add", "number", "j", "i", "c");
    output("j");
    List<Layer> all = layers();
    assertThat(all).extracting(l -> names(l).get(0)).hasSize(4);
    assertThat(all.get(0).biases()).extracting(Weight::name).containsExactly("b1");
    assertThat(all.get(0).biases().get(0).reader().name()).isEqualTo("bias");
    assertThat(all.get(0).biases().get(0).input()).isZero();
    // An operator's own bias goes before; behind an activation nothing is a bias, nor is a number.
    assertThat(all.get(1).biases()).extracting(Weight::name).containsExactly("b2");
    assertThat(all.get(2).biases()).isEmpty();
    assertThat(all.get(3).biases()).isEmpty();
  }

  @Test
  void embeddingsAreLayersByTheirWeightsAlone() {
    model.input("ids", ElementType.INT64, -1);
    model.initializer("shape", new long[] {4, 4}, 2, 1);
    node("Gather", "/emb/words/Gather", "rows", "m", "ids");
    node("Gather", "/emb/shape/Gather", "k", "shape", "ids");
    model.node(
        Nodes.node(
            "Gather", List.of("m", "ids"), List.of("cols"), "columns", Nodes.integer("axis", 1)));
    node("Transpose", "t", "mt", "m");
    node("MatMul", "out", "y", "rows", "mt");
    output("y");
    output("k");
    output("cols");
    assertThat(layers()).extracting(Layer::name).containsExactly("emb/words", "out");
    assertThat(layers()).extracting(Layer::isEmbedding).containsExactly(true, false);
    // Tied to the output's projection.
    assertThat(layers()).allMatch(l -> l.weights().get(0).shared());
    try (ModelFile file = model.toModel("m")) {
      assertThat(Layers.of(file).endingIn("rows")).isEmpty();
      assertThat(Layers.of(file).endingIn("y")).isPresent();
    }
  }

  @Test
  void knowsQuantizedWeights() {
    model.initializer(Tensors.raw("q", ElementType.INT8, new byte[16], 4, 4, 1, 1));
    model.initializer("scale", new float[] {1});
    node("DequantizeLinear", "dq", "wd", "q", "scale");
    node("Conv", "conv", "a", "x", "wd");
    output("a");
    Weight w = layers().get(0).weights().get(0);
    assertThat(w.name()).isEqualTo("q");
    assertThat(w.quantized()).isTrue();
  }

  @Test
  void takesWhatBringsIntegersBackToFloats() {
    model.initializer(Tensors.raw("q", ElementType.INT8, new byte[16], 4, 4));
    model.node(Nodes.node("DynamicQuantizeLinear", List.of("x"), List.of("xq", "xs", "xz"), "dq"));
    node("Mul", "scales", "s", "xs", "c");
    node("MatMulInteger", "fc", "i", "xq", "q", "xz");
    model.node(Nodes.node("Cast", List.of("i"), List.of("f"), "cast", Nodes.integer("to", 1)));
    node("Mul", "rescale", "r", "f", "s");
    node("Add", "bias", "y", "r", "c");
    output("y");
    Layer l = layers().get(0);
    assertThat(names(l)).containsExactly("fc", "cast", "rescale", "bias");
    assertThat(l.activation()).isEqualTo("y");
    assertThat(l.weights().get(0).quantized()).isTrue();
  }

  /** Such a graph is refused when it is written; looking at it must come to an end all the same. */
  @Test
  void comesToAnEndInAGraphThatGoesRoundInCircles() {
    node("Conv", "conv", "a", "x", "w");
    node("Add", "add", "b", "a", "d");
    node("Relu", "relu", "d", "b");
    output("b");
    try (ModelFile file = model.toModel("m")) {
      assertThat(Layers.of(file).all()).hasSize(1);
    } catch (OnnxException e) {
      assertThat(e).hasMessageStartingWith("m: ");
    }
  }

  @Test
  void namesLayersWithoutTheOperator() {
    node("Conv", "/layer1/layer1.0/conv1/Conv", "a", "x", "w");
    node("Conv", "/layer1/layer1.0/conv1/Conv_1", "b", "a", "w");
    node("Conv", "Conv_3", "c3", "b", "w");
    node("Conv", "", "gpu_0/res2_1", "c3", "w");
    node("MatMul", "encoder/query/MatMul_quant", "d", "gpu_0/res2_1", "m");
    output("d");
    assertThat(layers())
        .extracting(Layer::name)
        .containsExactly(
            "layer1/layer1.0/conv1",
            "layer1/layer1.0/conv1#2",
            "Conv_3",
            "gpu_0/res2_1",
            "encoder/query");
  }

  private void node(String op, String name, String output, String... inputs) {
    model.node(Nodes.node(op, List.of(inputs), List.of(output), name));
  }

  private void output(String name) {
    model.unshapedOutput(name, ElementType.FLOAT);
  }

  private List<Layer> layers() {
    try (ModelFile file = model.toModel("m")) {
      return new ArrayList<>(Layers.of(file).all());
    }
  }

  private static List<String> names(Layer l) {
    return l.nodes().stream().map(n -> n.name()).toList();
  }
}
