package io.sparsescope.rewriter.gradient;

import static io.sparsescope.onnx.Nodes.integer;
import static io.sparsescope.onnx.Nodes.integers;
import static io.sparsescope.onnx.Nodes.real;
import static io.sparsescope.onnx.Nodes.string;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.rewriter.Ort;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.RewriteException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A node means the same at opset 18 as it did at its own. */
class OpsetUpgradeTest {
  private static final String[] REDUCTIONS = {
    "ReduceMean",
    "ReduceMax",
    "ReduceMin",
    "ReduceProd",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceSumSquare",
    "ReduceSum"
  };

  static Stream<Arguments> nodes() {
    Stream.Builder<Arguments> all = Stream.builder();
    for (int opset : new int[] {7, 9, 11}) {
      all.add(of(opset, "Softmax"));
      all.add(of(opset, "Softmax", integer("axis", 2)));
      all.add(of(opset, "Softmax", integer("axis", 3)));
      all.add(of(opset, "LogSoftmax", integer("axis", 0)));
      all.add(of(opset, "Hardmax", integer("axis", 2)));
      all.add(of(opset, "Dropout", real("ratio", 0.3f)));
      all.add(of(opset, "Squeeze", integers("axes", 1)));
      all.add(of(opset, "Unsqueeze", integers("axes", 0, 5)));
      for (String reduction : REDUCTIONS) {
        all.add(of(opset, reduction, integers("axes", 1, 2)));
        all.add(of(opset, reduction, integer("keepdims", 0)));
      }
    }
    for (int opset : new int[] {7, 10}) {
      all.add(of(opset, "Clip", real("min", 0.25f), real("max", 0.75f)));
      all.add(of(opset, "Clip", real("max", 0.75f)));
      all.add(of(opset, "Pad", integers("pads", 0, 0, 1, 0, 0, 1, 0, 2), real("value", 3)));
      all.add(
          of(opset, "Pad", string("mode", "reflect"), integers("pads", 0, 0, 1, 1, 0, 0, 1, 2)));
    }
    all.add(of(7, "Slice", integers("starts", 1, 0), integers("ends", 9, -1)));
    all.add(of(9, "Slice", integers("axes", 3), integers("starts", -2), integers("ends", 9)));
    all.add(of(7, "TopK", integer("k", 2)));
    all.add(of(13, "ReduceMean", integers("axes", -1)));
    all.add(of(17, "ReduceMax", integers("axes", -1)));
    return all.build();
  }

  private static Arguments of(int opset, String op, AttributeProto... attributes) {
    return Arguments.of(opset, op, List.of(attributes));
  }

  @ParameterizedTest(name = "{1} of opset {0} {2}")
  @MethodSource("nodes")
  void meansTheSame(int opset, String op, List<AttributeProto> attributes) {
    ModelBuilder model = ModelBuilder.model(opset).input("x", ElementType.FLOAT, 2, 1, 3, 4);
    List<String> outputs = op.equals("TopK") ? List.of("y", "i") : List.of("y");
    model.node(op, List.of("x"), outputs, "n", attributes.toArray(AttributeProto[]::new));

    assertSame(model.unshapedOutput("y", ElementType.FLOAT));
  }

  @Test
  void splitsMeanTheSame() {
    for (int opset : new int[] {7, 11, 13}) {
      assertSame(
          ModelBuilder.model(opset)
              .input("x", ElementType.FLOAT, 2, 1, 3, 4)
              .node("Split", List.of("x"), List.of("y", "z"), "n", integer("axis", 3))
              .unshapedOutput("y", ElementType.FLOAT)
              .unshapedOutput("z", ElementType.FLOAT));
    }
    assertSame(
        ModelBuilder.model(9)
            .input("x", ElementType.FLOAT, 2, 1, 3, 4)
            .node(
                "Split",
                List.of("x"),
                List.of("y", "z"),
                "n",
                integer("axis", 3),
                integers("split", 1, 3))
            .unshapedOutput("y", ElementType.FLOAT)
            .unshapedOutput("z", ElementType.FLOAT));
  }

  @Test
  void normalizationMeansTheSame() {
    float[] four = {1, 2, 3, 4};
    ModelBuilder model = ModelBuilder.model(7).input("x", ElementType.FLOAT, 2, 1, 3, 4);
    model.node("Transpose", List.of("x"), List.of("t"), "t", integers("perm", 0, 3, 1, 2));
    for (String name : List.of("scale", "shift", "mean", "variance")) {
      model.initializer(name, four, 4);
    }
    model.node(
        "BatchNormalization",
        List.of("t", "scale", "shift", "mean", "variance"),
        List.of("y"),
        "n",
        integer("spatial", 1));
    assertSame(model.unshapedOutput("y", ElementType.FLOAT));
  }

  @Test
  void weightsThatAreInputsTooAreConstantsOfOldModels() {
    ModelBuilder model =
        ModelBuilder.model(8)
            .irVersion(3)
            .input("x", ElementType.FLOAT, 2, 1, 3, 4)
            .initializer("c", new float[] {1, 2, 3, 4}, 4)
            .node("Mul", List.of("x", "c"), List.of("y"), "n")
            .unshapedOutput("y", ElementType.FLOAT);
    assertSame(model);
  }

  @Test
  void namesWhatCannotBeRaised() {
    assertThatThrownBy(() -> upgraded(node(9, "Upsample", Nodes.reals("scales", 1, 1, 2, 2))))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "model old, node n: Upsample of opset 9 is gone since opset 10: export the model with"
                + " opset 18");
    assertThatThrownBy(() -> upgraded(node(6, "Relu")))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("has opset 6, training needs 7 or newer");
  }

  private static ModelBuilder node(int opset, String op, AttributeProto... attributes) {
    return ModelBuilder.model(opset)
        .input("x", ElementType.FLOAT, 2, 1, 3, 4)
        .node(op, List.of("x"), List.of("y"), "n", attributes)
        .unshapedOutput("y", ElementType.FLOAT);
  }

  private static void assertSame(ModelBuilder model) {
    ModelProto upgraded = upgraded(model);
    assertThat(upgraded.getOpsetImport(0).getVersion()).isEqualTo(18);
    Random random = new Random(3);
    float[] x = new float[24];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat();
    }
    Map<String, Tensor> feeds = Map.of("x", Tensor.floats(x, 2, 1, 3, 4));
    Map<String, Tensor> expected = Ort.run(model.toBytes(), feeds);
    Map<String, Tensor> actual = Ort.run(upgraded.toByteArray(), feeds);
    expected.forEach(
        (name, tensor) -> {
          assertThat(actual.get(name).shape()).isEqualTo(tensor.shape());
          assertThat(actual.get(name).floats()).isEqualTo(tensor.floats());
        });
  }

  private static ModelProto upgraded(ModelBuilder model) {
    ModelFile file = model.toModel("old");
    return ForwardModel.of(file, List.of(), Map.of());
  }
}
