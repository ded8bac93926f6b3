package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.page.LayerGraph.Cuts;
import io.sparsescope.experiments.page.LayerGraph.Edge;
import io.sparsescope.experiments.page.LayerGraph.Plan;
import io.sparsescope.experiments.page.LayerGraph.Vertex;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.profile.PerRun;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelGraphTest {
  /**
   * x [N,4] - dense a (4x8), Relu - dense b (8x16), Relu - Flatten - dense c (16x2) + a skip of x.
   */
  private static ModelFile model(Path folder) {
    return ModelFile.open(
        ModelBuilder.model(17)
            .input("x", ElementType.FLOAT, -1, 4)
            .output("y", ElementType.FLOAT, -1, 6)
            .initializer("wa", new float[32], 4, 8)
            .initializer("wb", new float[128], 8, 16)
            .initializer("wc", new float[32], 16, 2)
            .node("MatMul", List.of("x", "wa"), List.of("a0"), "in/a/MatMul")
            .node("Relu", List.of("a0"), List.of("a"), "in/a/Relu")
            .node("MatMul", List.of("a", "wb"), List.of("b0"), "in/b/MatMul")
            .node("Relu", List.of("b0"), List.of("b"), "in/b/Relu")
            .node("Flatten", List.of("b"), List.of("f"), "flat")
            .node("MatMul", List.of("f", "wc"), List.of("c"), "c/MatMul")
            .node("Concat", List.of("c", "x"), List.of("y"), "join", Nodes.integer("axis", 1))
            .writeTo(folder.resolve("small.onnx")));
  }

  private static final List<TapProfile> TAPS =
      List.of(tap("in/a", "a", 16, 4), tap("in/b", "b", 32, 24), tap("c", "c", 4, 0));

  @Test
  void hasAVertexALayerAndWhatFlowsBetween(@TempDir Path folder) {
    try (ModelFile model = model(folder)) {
      LayerGraph graph = ModelGraph.of(model, "small", TAPS, 0);

      assertThat(graph.vertices().stream().map(Vertex::name))
          .containsExactly("x", "in/a", "in/b", "flat", "c", "join");
      assertThat(graph.vertices().stream().map(Vertex::work))
          .containsExactly(0., 32., 128., 0., 32., 0.);
      assertThat(graph.vertices().stream().map(Vertex::block))
          .containsExactly("", "in", "in", "", "", "");
      assertThat(graph.edges())
          .containsExactly(
              new Edge(0, 1, "x", "? × 4", 16L, 16L, null),
              new Edge(0, 5, "x", "? × 4", 16L, 16L, null),
              // 8 elements, a quarter zero: a byte of bits and 6 values of 4 bytes.
              new Edge(1, 2, "a", "? × 8", 32L, 25L, .25),
              // 16 elements, three quarters zero: two bytes of bits and 4 values.
              new Edge(2, 3, "b", "? × 16", 64L, 18L, .75),
              new Edge(3, 4, "f", "? × 16", 64L, 18L, .75),
              new Edge(4, 5, "c", "? × 2", 8L, 8L, 0.));
    }
  }

  @Test
  void cutsWhereFewestBytesCrossWithoutZeros(@TempDir Path folder) {
    try (ModelFile model = model(folder)) {
      List<Cuts> cuts = ModelGraph.of(model, "small", TAPS, 0).cuts();

      // Half of an even share of 192 multiplications is 48 for two parts, 32 for three.
      assertThat(cuts.stream().map(Cuts::parts)).containsExactly(3);
      Plan best = cuts.get(0).plans().get(0);
      // Before b: a and x (25 + 16); before flat: b and x (18 + 16).
      assertThat(best.places()).containsExactly(2, 3);
      assertThat(best.sent()).isEqualTo(25 + 16 + 18 + 16);
      assertThat(best.dense()).isEqualTo(32 + 16 + 64 + 16);
      assertThat(best.shares()).containsExactly(32 / 192., 128 / 192., 32 / 192.);
      assertThat(best.tensors()).containsExactly(List.of("x", "a"), List.of("x", "b"));
    }
  }

  @Test
  void sendsZerosByTheCheapestCodeAndNeverMoreThanAll() {
    assertThat(LayerGraph.sentBytes(1000, 4000, 0)).isEqualTo(4000);
    assertThat(LayerGraph.sentBytes(1000, 4000, .5)).isEqualTo(2000 + 125);
    assertThat(LayerGraph.sentBytes(1000, 4000, .99)).isEqualTo(40 + 40);
    assertThat(LayerGraph.sentBytes(1000, 4000, 1)).isZero();
    assertThat(LayerGraph.sentBytes(0, 0, 0)).isZero();
  }

  static TapProfile tap(String layer, String tensor, long elements, long zeros) {
    double share = (double) zeros / elements;
    return new TapProfile(
        layer + "/Relu",
        "Relu",
        tensor,
        layer,
        layer.contains("/") ? layer.substring(0, layer.lastIndexOf('/')) : "",
        TapKind.ACTIVATION,
        "float32",
        2,
        elements,
        zeros,
        0,
        new PerRun(share, share, share, 0),
        0);
  }
}
