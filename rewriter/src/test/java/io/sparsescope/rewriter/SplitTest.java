package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.SubModel;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.split.GraphCuts;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models cut in two or more, run part by part. */
class SplitTest {

  @ParameterizedTest
  @CsvSource({
    "resnet20_cifar10/resnet20_cifar10.onnx, input, 2x3x32x32, 3",
    "mnist_cntk/mnist.onnx, Input3, 1x1x28x28, 1",
    "squeezenet_dc/squeezenet_dc.onnx, data, 1x3x227x227, 13",
    "onnx_light/light_resnet50.onnx, gpu_0/data_0, 1x3x224x224, 60",
    "onnx_light/light_densenet121.onnx, data_0, 1x3x224x224, 301",
    "onnx_light/light_inception_v1.onnx, data_0, 1x3x224x224, 47",
  })
  void bothHalvesOfARealModelComputeWhatTheWholeDoes(
      String path, String input, String dims, int step) {
    Path file = SharedModels.find(path);
    try (ModelFile model = ModelFile.open(file)) {
      Map<String, Tensor> feed = Map.of(input, random(dims));
      GraphCuts cuts = new GraphCuts(model.graph(), outputs(model));
      Map<String, Tensor> whole = runTo(model, feed, outputs(model), OptLevel.ALL_OPT);
      assertThat(cuts.crossing(0)).containsExactly(input);
      assertThat(cuts.crossing(cuts.end())).containsExactlyElementsOf(outputs(model));
      for (int place = 1; place < cuts.end(); place += step) {
        Map<String, Tensor> halves = runParts(model, cuts, feed, OptLevel.ALL_OPT, place);
        whole.forEach((name, tensor) -> assertNear(halves.get(name), tensor));
      }
    }
  }

  @Property(tries = 60)
  void partsOfARandomGraphComputeWhatTheWholeDoesBitForBit(
      @ForAll @IntRange(min = 1, max = 20) int nodes, @ForAll long seed) {
    Random random = new Random(seed);
    ModelFile model = ModelFile.of("random", random(nodes, random).toByteArray());
    GraphCuts cuts = new GraphCuts(model.graph(), outputs(model));
    Map<String, Tensor> feed = Map.of("x", random("2x3"), "y", random("2x3"));
    Map<String, Tensor> whole = runTo(model, feed, outputs(model), OptLevel.NO_OPT);
    int[] places = random.ints(3, 0, cuts.end() + 1).sorted().distinct().toArray();
    Map<String, Tensor> parts = runParts(model, cuts, feed, OptLevel.NO_OPT, places);
    whole.forEach(
        (name, tensor) -> assertThat(parts.get(name).values()).as(name).isEqualTo(tensor.values()));
  }

  @Property(tries = 60)
  void nothingBeforeItsReadersDependsOnAnInitializer(
      @ForAll @IntRange(min = 1, max = 20) int nodes, @ForAll long seed) {
    ModelProto proto = random(nodes, new Random(seed));
    ModelProto.Builder changed = proto.toBuilder();
    changed
        .getGraphBuilder()
        .setInitializer(0, Tensors.floats("w0", new float[] {0.7f, 0.71f, 0.72f}, 3));
    ModelFile model = ModelFile.of("random", proto.toByteArray());
    Set<String> names =
        model.graph().nodes().stream()
            .flatMap(node -> node.proto().getOutputList().stream())
            .collect(Collectors.toSet());
    int place = new GraphCuts(model.graph(), names).beforeReadersOf(List.of("w0"));

    Map<String, Tensor> feed = Map.of("x", random("2x3"), "y", random("2x3"));
    Map<String, Tensor> before = runTo(model, feed, names, OptLevel.NO_OPT);
    ModelFile other = ModelFile.of("changed", changed.build().toByteArray());
    Map<String, Tensor> after = runTo(other, feed, names, OptLevel.NO_OPT);
    Constants constants = new Constants(model.graph());
    int first = model.graph().nodes().size();
    for (String name : names) {
      if (!constants.contains(name)
          && !before.get(name).values().equals(after.get(name).values())) {
        first = Math.min(first, model.graph().producer(name).orElseThrow().index());
      }
    }
    assertThat(place).isLessThanOrEqualTo(first);
  }

  @Test
  void aCutIsCrossedByWhatIsReadBehindItAndByWhatIsWanted() {
    ModelFile model = diamond().toModel("diamond");
    GraphCuts cuts = new GraphCuts(model.graph(), List.of("early", "out"));
    // 0 wt=Transpose(w), 1 early=Relu(x), 2 left=MatMul(early, wt), 3 right=Abs(early),
    // 4 sum=Add(left, right), 5 out=Mul(sum, s)
    assertThat(cuts.crossing(0)).containsExactly("x");
    assertThat(cuts.crossing(1)).containsExactly("x");
    assertThat(cuts.crossing(2)).containsExactly("early");
    assertThat(cuts.crossing(3)).containsExactly("early", "left");
    assertThat(cuts.crossing(4)).containsExactly("early", "left", "right");
    assertThat(cuts.crossing(5)).containsExactly("early", "sum");
    assertThat(cuts.crossing(6)).containsExactly("early", "out");
    assertThat(cuts.beforeReadersOf(List.of("w"))).isEqualTo(2);
    assertThat(cuts.beforeReadersOf(List.of("s"))).isEqualTo(5);
    assertThat(cuts.beforeReadersOf(List.of("s", "w"))).isEqualTo(2);
    assertThat(cuts.beforeReadersOf(List.of("out"))).isEqualTo(6);
  }

  @Test
  void aPartHoldsOnlyTheInitializersThatItReads() {
    ModelFile model = diamond().toModel("diamond");
    SubModel tail =
        SubModel.between(
            model,
            List.of(Values.unshaped("sum", ElementType.FLOAT)),
            List.of(ValueInfoProto.newBuilder().setName("out").build()));
    assertThat(tail.nodes()).isEqualTo(1);
    ModelFile part = ModelFile.of("tail", tail.toDirectBuffer());
    assertThat(part.graph().initializers()).containsOnlyKeys("s");
    assertThat(part.metadata()).containsEntry("author", "somebody");
    assertThat(part.opset("")).isEqualTo(13);
    part.validate();
  }

  @Test
  void anInitializerMayBeGivenInstead() {
    ModelFile model = diamond().toModel("diamond");
    SubModel tail =
        SubModel.between(
            model,
            List.of(
                Values.unshaped("sum", ElementType.FLOAT), Values.tensor("s", ElementType.FLOAT)),
            List.of(ValueInfoProto.newBuilder().setName("out").build()));
    assertThat(tail.inputs()).containsExactlyInAnyOrder("sum", "s");
    Map<String, Tensor> feed =
        Map.of(
            "sum", Tensor.floats(new float[] {1, 2}, 1, 2), "s", Tensor.floats(new float[] {10}));
    assertThat(Ort.run(bytes(tail), feed).get("out").floats()).containsExactly(10, 20);
  }

  @Test
  void aPartWithoutAnInputItNeedsIsRefused() {
    ModelFile model = diamond().toModel("diamond");
    List<ValueInfoProto> out = List.of(ValueInfoProto.newBuilder().setName("out").build());
    assertThatThrownBy(
            () -> SubModel.between(model, List.of(Values.unshaped("left", ElementType.FLOAT)), out))
        .isInstanceOf(OnnxException.class)
        .hasMessage(
            "diamond: cannot be cut: tensor 'x' is needed, but neither given nor computed; cut it"
                + " elsewhere");
    assertThatThrownBy(
            () -> SubModel.between(model, List.of(Values.unshaped("out", ElementType.FLOAT)), out))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("tensor 'out' is both given and wanted");
  }

  @Test
  void atIrVersion3InitializersStayInputs() {
    ModelFile model =
        ModelBuilder.model(9)
            .irVersion(3)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer("a", new float[] {1}, 1)
            .initializer("b", new float[] {2}, 1)
            .node("Add", List.of("x", "a"), List.of("m"), "")
            .node("Mul", List.of("m", "b"), List.of("y"), "")
            .unshapedOutput("y", ElementType.FLOAT)
            .toModel("old");
    GraphCuts cuts = new GraphCuts(model.graph(), List.of("y"));
    assertThat(cuts.crossing(0)).containsExactly("x");
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {1, 2}, 1, 2));
    assertThat(runParts(model, cuts, feed, OptLevel.ALL_OPT, 1).get("y").floats())
        .containsExactly(4, 6);
  }

  private static ModelBuilder diamond() {
    return ModelBuilder.model(13)
        .metadata("author", "somebody")
        .input("x", ElementType.FLOAT, -1, 2)
        .initializer("w", new float[] {1, 2, 3, 4}, 2, 2)
        .initializer("s", new float[] {3})
        .node("Transpose", List.of("w"), List.of("wt"), "")
        .node("Relu", List.of("x"), List.of("early"), "")
        .node("MatMul", List.of("early", "wt"), List.of("left"), "")
        .node("Abs", List.of("early"), List.of("right"), "")
        .node("Add", List.of("left", "right"), List.of("sum"), "")
        .node("Mul", List.of("sum", "s"), List.of("out"), "")
        .output("early", ElementType.FLOAT, -1, 2)
        .output("out", ElementType.FLOAT, -1, 2);
  }

  /** Runs one part after the other, each from what the one before left. */
  private static Map<String, Tensor> runParts(
      ModelFile model, GraphCuts cuts, Map<String, Tensor> feed, OptLevel level, int... places) {
    Map<String, Tensor> now = new LinkedHashMap<>();
    cuts.crossing(0).forEach(name -> now.put(name, feed.get(name)));
    for (int i = 0; i <= places.length; i++) {
      Collection<String> next = i == places.length ? outputs(model) : cuts.crossing(places[i]);
      Set<String> missing = new HashSet<>(next);
      missing.removeAll(now.keySet());
      if (!missing.isEmpty()) {
        now.putAll(runTo(model, Map.copyOf(now), missing, level));
      }
      now.keySet().retainAll(next);
      assertThat(now.keySet()).containsExactlyInAnyOrderElementsOf(next);
    }
    return now;
  }

  private static Map<String, Tensor> runTo(
      ModelFile model, Map<String, Tensor> given, Set<String> wanted, OptLevel level) {
    List<ValueInfoProto> inputs = new ArrayList<>();
    given.forEach((name, tensor) -> inputs.add(Values.unshaped(name, tensor.type())));
    List<ValueInfoProto> outputs =
        wanted.stream().map(name -> ValueInfoProto.newBuilder().setName(name).build()).toList();
    SubModel part = SubModel.between(model, inputs, outputs);
    Map<String, Tensor> read = new LinkedHashMap<>(given);
    read.keySet().retainAll(part.inputs());
    return Ort.run(bytes(part), read, level);
  }

  private static Set<String> outputs(ModelFile model) {
    return model.graph().outputs().stream()
        .map(ValueInfoProto::getName)
        .collect(Collectors.toSet());
  }

  private static byte[] bytes(SubModel part) {
    ByteBuffer buffer = part.toDirectBuffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static void assertNear(Tensor actual, Tensor expected) {
    float[] values = actual.floats();
    float[] wanted = expected.floats();
    float scale = 0;
    for (float value : wanted) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertThat(values).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(values[i]).isCloseTo(wanted[i], within(1e-5f * scale));
    }
  }

  private static Tensor random(String dims) {
    long[] shape = List.of(dims.split("x")).stream().mapToLong(Long::parseLong).toArray();
    int n = 1;
    for (long d : shape) {
      n *= (int) d;
    }
    Random random = new Random(7);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.floats(values, shape);
  }

  /**
   * Two inputs and three weights of three elements each; element-wise nodes, some of which see
   * constants only, and an If whose branches read tensors from around it.
   */
  private static ModelProto random(int nodes, Random random) {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 3)
            .input("y", ElementType.FLOAT, -1, 3)
            .initializer("w0", new float[] {0.5f, -0.25f, 0.125f}, 3)
            .initializer("w1", new float[] {1.5f, 0, -1}, 3)
            .initializer("w2", new float[] {0.3f, 0.2f, 0.1f}, 1, 3);
    List<String> tensors = new ArrayList<>(List.of("x", "y", "w0", "w1", "w2"));
    for (int i = 0; i < nodes; i++) {
      String one = tensors.get(random.nextInt(tensors.size()));
      String other = tensors.get(random.nextInt(tensors.size()));
      String out = "t" + i;
      switch (random.nextInt(6)) {
        case 0 -> model.node("Neg", List.of(one), List.of(out), "");
        case 1 -> model.node("Tanh", List.of(one), List.of(out), "");
        case 2 -> model.node("Mul", List.of(one, other), List.of(out), "");
        case 3 -> {
          model.node(
              "ReduceSum", List.of(one), List.of(out + "sum"), "", Nodes.integer("keepdims", 0));
          model.node("Cast", List.of(out + "sum"), List.of(out + "c"), "", Nodes.integer("to", 9));
          model.node(
              "If",
              List.of(out + "c"),
              List.of(out),
              "",
              Nodes.graph("then_branch", branch("Add", one, other, out + "then")),
              Nodes.graph("else_branch", branch("Sub", other, "w1", out + "else")));
        }
        default -> model.node("Add", List.of(one, other), List.of(out), "");
      }
      tensors.add(out);
    }
    model.unshapedOutput("t" + random.nextInt(nodes), ElementType.FLOAT);
    model.node("Add", List.of("t" + (nodes - 1), "x"), List.of("end"), "");
    return model.unshapedOutput("end", ElementType.FLOAT).build();
  }

  private static GraphProto branch(String op, String one, String other, String out) {
    return ModelBuilder.model(13)
        .graphName(out)
        .node(op, List.of(one, other), List.of(out), "")
        .unshapedOutput(out, ElementType.FLOAT)
        .graph();
  }
}
