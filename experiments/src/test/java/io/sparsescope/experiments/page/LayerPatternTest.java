package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.match.Candidates;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Pattern;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerPatternTest {
  private static final List<String> NAMES =
      List.of(
          "conv1",
          "block1/unit_1/conv*",
          "a{b,c}",
          "back\\slash",
          "two words & !more",
          "é?",
          "</script><b>\"'");

  @Test
  void selectsTheLayerAndNoOther(@TempDir Path folder) {
    ModelBuilder builder =
        ModelBuilder.model(17)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("t" + (NAMES.size() - 1), ElementType.FLOAT, -1, 2)
            .initializer("w", new float[] {1, 2, 3, 4}, 2, 2);
    for (int i = 0; i < NAMES.size(); i++) {
      String from = i == 0 ? "x" : "t" + (i - 1);
      builder.node("MatMul", List.of(from, "w"), List.of("t" + i), NAMES.get(i) + "/MatMul");
    }
    try (ModelFile model = ModelFile.open(builder.writeTo(folder.resolve("named.onnx")))) {
      List<Layer> layers = Layers.of(model).all();
      assertThat(layers.stream().map(Layer::name)).isEqualTo(NAMES);
      for (Layer wanted : layers) {
        Pattern pattern = Pattern.parse(LayerPattern.of(wanted.name()));
        assertThat(layers.stream().filter(l -> pattern.match(Candidates.layer(l)).matched()))
            .containsExactly(wanted);
      }
    }
  }
}
