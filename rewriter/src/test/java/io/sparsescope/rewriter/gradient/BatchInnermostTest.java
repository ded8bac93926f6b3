package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Step graphs whose images lie with the batch innermost; what they compute, trials tell. */
class BatchInnermostTest {
  private static final Differentiator PLAIN =
      new Differentiator(Objective.of(Loss.SOFTMAX_CROSS_ENTROPY));

  private static List<NodeProto> nodes(Gradients gradients) {
    return gradients.model().getGraph().getNodeList();
  }

  private static Set<String> tensors(Gradients gradients) {
    Set<String> tensors = new HashSet<>();
    nodes(gradients).forEach(n -> tensors.addAll(n.getOutputList()));
    return tensors;
  }

  /** Only the input's layout changes, and that of what the first matrix reads, there and back. */
  @Test
  void imagesAreTurnedOnceBetweenInputAndMatrices() {
    Gradients step = PLAIN.batchInnermost().differentiate(Zoo.LENET.build(1).toModel("lenet"));
    assertThat(nodes(step).stream().filter(n -> turns(n, 1, 2, 3, 0))).hasSize(2);
    assertThat(nodes(step).stream().filter(n -> turns(n, 3, 0, 1, 2))).hasSize(1);
    assertThat(step.batchInnermost())
        .contains("conv1/Relu", "pool1/MaxPool", "gradient:conv2/Conv")
        .doesNotContain("pool2/MaxPool", "x");
  }

  private static boolean turns(NodeProto node, long... perm) {
    return node.getOpType().equals("Transpose")
        && node.getAttribute(0).equals(Nodes.integers("perm", perm));
  }

  @Test
  void namesAreThoseOfTheOtherLayout() {
    ModelFile net = Zoo.RESNET14.build(1).toModel("net");
    Gradients plain = PLAIN.differentiate(net);
    Gradients innermost = PLAIN.batchInnermost().differentiate(net);
    Set<String> gradients = tensors(plain);
    Set<String> forward = new HashSet<>();
    net.graph().nodes().forEach(n -> forward.addAll(n.proto().getOutputList()));
    gradients.removeIf(t -> !forward.contains(t) && !forward.contains(t.replace("gradient:", "")));
    assertThat(gradients).hasSizeGreaterThan(60);
    assertThat(tensors(innermost)).containsAll(gradients);
    assertThat(outputs(innermost.model())).isEqualTo(outputs(plain.model()));
    assertThat(plain.batchInnermost()).isEmpty();
  }

  private static List<String> outputs(ModelProto model) {
    return model.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  /** Images would be brought back for each depthwise convolution, and turned again. */
  @Test
  void modelsWithGroupedConvolutionsStayAsTheyAre() {
    ModelFile net =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, 2, 2, 2)
            .initializer("w", new float[] {1, -2, 3, 0.5f}, 2, 2, 1, 1)
            .initializer("u", new float[] {1, 0.5f}, 2, 1, 1, 1)
            .node("Conv", List.of("x", "w"), List.of("point"), "point")
            .node("Conv", List.of("point", "u"), List.of("depth"), "", Nodes.integer("group", 2))
            .node("GlobalAveragePool", List.of("depth"), List.of("y"), "pool")
            .output("y", ElementType.FLOAT, -1, 2, 1, 1)
            .toModel("depthwise");
    Gradients step = PLAIN.batchInnermost().differentiate(net);
    assertThat(step.batchInnermost()).isEmpty();
    assertThat(step.model()).isEqualTo(PLAIN.differentiate(net).model());
  }

  /** Two convolutions, and an output of images. */
  private static ModelFile model() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, 1, 2, 2)
        .initializer("w", new float[] {1, -2, 3, 0.5f}, 2, 1, 1, 2)
        .initializer("u", new float[] {1, 0.5f, -1, 1}, 2, 2, 1, 1)
        .initializer("v", new float[] {2, -1, 1, 0.25f}, 4, 1)
        .node("Conv", List.of("x", "w"), List.of("conv"), "conv")
        .node("Relu", List.of("conv"), List.of("relu"), "relu")
        .node("Conv", List.of("relu", "u"), List.of("point"), "point")
        .node("Flatten", List.of("point"), List.of("flat"), "flat")
        .node("MatMul", List.of("flat", "v"), List.of("y"), "y")
        .output("y", ElementType.FLOAT, -1, 1)
        .output("conv", ElementType.FLOAT, -1, 2, 2, 1)
        .toModel("images");
  }

  private static Map<String, Tensor> feeds() {
    Map<String, Tensor> feeds = new HashMap<>();
    float[] x = new float[12];
    Random random = new Random(1);
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() - 0.5f;
    }
    feeds.put("x", Tensor.floats(x, 3, 1, 2, 2));
    feeds.put("w", Tensor.floats(new float[] {1, -2, 3, 0.5f}, 2, 1, 1, 2));
    feeds.put("u", Tensor.floats(new float[] {1, 0.5f, -1, 1}, 2, 2, 1, 1));
    feeds.put("v", Tensor.floats(new float[] {2, -1, 1, 0.25f}, 4, 1));
    feeds.put("targets", Tensor.floats(new float[3], 3, 1));
    return feeds;
  }

  @Test
  void outputsHaveTheModelsShape() {
    Differentiator squares = new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR));
    Map<String, Tensor> plain =
        Ort.run(squares.differentiate(model()).model().toByteArray(), feeds());
    Map<String, Tensor> turned =
        Ort.run(squares.batchInnermost().differentiate(model()).model().toByteArray(), feeds());
    assertThat(turned.get("conv").shape()).containsExactly(3, 2, 2, 1);
    assertThat(turned.get("conv").floats()).containsExactly(plain.get("conv").floats());
  }

  @Test
  void tensorsAreGivenTheirOwnShapeWithoutChangeToTheRest() {
    Differentiator squares = new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR));
    Gradients step = squares.batchInnermost().differentiate(model());
    assertThat(step.batchInnermost()).contains("gradient:conv");
    ModelProto own = BatchOutermost.of(step.model(), Set.of("gradient:conv"));
    ModelProto.Builder seen = own.toBuilder();
    seen.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName("gradient:conv"));

    Map<String, Tensor> outputs = Ort.run(seen.build().toByteArray(), feeds());

    assertThat(outputs.get("gradient:conv").shape()).containsExactly(3, 2, 2, 1);
    Map<String, Tensor> before = Ort.run(step.model().toByteArray(), feeds());
    before.forEach(
        (name, tensor) ->
            assertThat(outputs.get(name).floats()).as(name).containsExactly(tensor.floats()));
    float[] dconv = outputs.get("gradient:conv").floats();
    float[] x = feeds().get("x").floats();
    // dL/dw of map 0's first tap: the gradient at each place times the left pixel there.
    double expected = 0;
    for (int n = 0; n < 3; n++) {
      for (int row = 0; row < 2; row++) {
        expected += (double) dconv[n * 4 + row] * x[n * 4 + 2 * row];
      }
    }
    assertThat(expected).isNotZero();
    assertThat((double) outputs.get("gradient:w").floats()[0]).isCloseTo(expected, within(1e-5));
  }
}
