package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PictureNamesTest {
  @Test
  void kindAloneNamesTheOnlyOneOfIt() {
    assertThat(names("../../etc/passwd")).containsExactly("sparsity-per-layer");
  }

  @Test
  void noNameLeavesTheFolderOrHides() {
    assertThat(names("../../etc/passwd", "..\\..\\boot", "\u0000<b>", "ä/ö"))
        .containsExactly(
            "sparsity-per-layer-etc-passwd",
            "sparsity-per-layer-boot",
            "sparsity-per-layer-b",
            "sparsity-per-layer")
        .allSatisfy(name -> assertThat(name).matches("[a-z][a-z-]*[a-z]"));
  }

  @Test
  void noneIsTwiceWhateverAFileSystemThinksOfCapitals() {
    assertThat(names("a b", "A?B", "a-b"))
        .containsExactly(
            "sparsity-per-layer-a-b", "sparsity-per-layer-A-B-2", "sparsity-per-layer-a-b-3");
  }

  @Test
  void longNamesAreCut() {
    assertThat(names("x".repeat(500), "x".repeat(500) + "y"))
        .allSatisfy(name -> assertThat(name).hasSizeLessThan(70))
        .doesNotHaveDuplicates();
  }

  private static List<String> names(String... labels) {
    return PictureNames.of(
        Stream.of(labels)
            .map(label -> new Picture("sparsity per layer", label, 10, 10, "<svg/>"))
            .toList());
  }
}
