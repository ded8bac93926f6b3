package io.sparsescope.experiments.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.evaluate.Interval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchResultTest {
  private static final List<LayerResult> LAYERS =
      List.of(
          new LayerResult("conv1", "", 0.25, 0.5, 100, 40, 10, 0.875),
          new LayerResult("b/conv2", "b", 0, 0, 300, 60, 60, 0.9));

  static final SearchResult RESULT =
      new SearchResult(
          "net.onnx",
          "abc",
          "idx:DIR",
          1000,
          "weights",
          "layer",
          "lt",
          "pow2:1:1e-5",
          "top-1",
          0.01,
          7,
          "repair",
          0.9,
          0.891,
          true,
          LAYERS,
          SearchResult.Total.of(LAYERS),
          List.of(new SearchSpace.Skipped("q", "w", "it is quantized")),
          new Validation(0.5, 1000, 0.8, 0.79, new Interval(0.7, 0.9), new Interval(0.6, 0.85)),
          new SearchResult.Evaluations(5000, 34000, 2000),
          List.of("a notice"));

  @TempDir Path folder;

  @Test
  void isReadAsItWasWritten() {
    Path file = folder.resolve("result.json");
    RESULT.writeTo(file);

    assertThat(SearchResult.read(file)).isEqualTo(RESULT);
    assertThat(folder.toFile().list()).containsExactly("result.json");
  }

  @Test
  void hasTheFieldsThatOthersRelyOn() throws Exception {
    JsonNode tree = new ObjectMapper().readTree(RESULT.toJson());

    assertThat(tree.get("format").asText()).isEqualTo("sparsescope-search");
    assertThat(tree.get("version").asInt()).isEqualTo(1);
    assertThat(tree.get("samples").asInt()).isEqualTo(1000);
    assertThat(tree.get("baselineAccuracy").asDouble()).isEqualTo(0.9);
    assertThat(tree.get("accuracy").asDouble()).isEqualTo(0.891);
    assertThat(tree.get("relativeAccuracy").asDouble()).isEqualTo(0.891 / 0.9);
    JsonNode layer = tree.get("layers").get(0);
    assertThat(layer.get("layer").asText()).isEqualTo("conv1");
    assertThat(layer.get("threshold").asDouble()).isEqualTo(0.25);
    assertThat(layer.get("sparsity").asDouble()).isEqualTo(0.4);
    assertThat(layer.get("denseSparsity").asDouble()).isEqualTo(0.1);
    assertThat(layer.get("accuracyAlone").asDouble()).isEqualTo(0.875);
    // 100 of 400, before the search 70 of 400.
    assertThat(tree.get("total").get("sparsity").asDouble()).isEqualTo(0.25);
    assertThat(tree.get("total").get("denseSparsity").asDouble()).isEqualTo(0.175);
    assertThat(tree.get("validation").get("interval").get("low").asDouble()).isEqualTo(0.6);
    assertThat(tree.get("evaluations").get("exhaustive").asLong()).isEqualTo(34000);
  }

  @Test
  void fieldsToComeAreSkipped() {
    String json = RESULT.toJson().replace("\"sha256\"", "\"later\" : [1], \"sha256\"");
    assertThat(SearchResult.parse("x", json)).isEqualTo(RESULT);
  }

  @Test
  void whatIsNoResultIsSaidInOneLine() throws Exception {
    String json = RESULT.toJson();
    expect(json.replace("\"version\" : 1", "\"version\" : 2"), "version 2", "newer Sparsescope");
    expect(json.substring(0, json.length() / 2), "cut off at line", "search again");
    expect("{\"format\":\"sparsescope-profile\",\"version\":1}", "format sparsescope-profile");
    expect("{}", "no \"format\"");
    expect(json.replace("\"zeros\" : 40", "\"zeros\" : 400"), "damaged", "400");
    expect(json.replace("\"tolerance\" : 0.01", "\"tolerance\" : \"x\""), "damaged");
    expect(json + "x", "no JSON");
    assertThatThrownBy(() -> SearchResult.read(folder.resolve("absent")))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void aFileThatCannotBeWrittenStaysAsItWas() throws Exception {
    Path folderInItsPlace = Files.createDirectory(folder.resolve("taken"));
    assertThatThrownBy(() -> RESULT.writeTo(folderInItsPlace))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("is no regular file");
    assertThatThrownBy(() -> RESULT.writeTo(folder.resolve("absent/result.json")))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no such folder");
    assertThat(folder.toFile().list()).containsExactly("taken");
  }

  private void expect(String text, String... parts) throws Exception {
    Path file = Files.writeString(folder.resolve("bad.json"), text);
    assertThatThrownBy(() -> SearchResult.read(file))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContainingAll(parts)
        .hasMessageStartingWith(file.toString())
        .message()
        .doesNotContain("\n");
  }
}
