package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportPageTest {
  private static final String HOSTILE = "</script><script>alert(1)</script>\u2028&quot;";

  @TempDir Path folder;

  @Test
  void holdsItsDataAndNoAddress() throws IOException {
    String page = page(List.of(profile("a", "net", List.of(tap("one", 10, 4), tap("two", 30, 6)))));

    JsonNode data = data(page);
    assertThat(data.path("title").asText()).isEqualTo("net");
    assertThat(data.path("findings").path(0).path("text").asText())
        .isEqualTo("25.0 % of all activation elements are zero, over 2 counted runs in 2 tensors.");
    assertThat(data.path("findings").path(1).path("text").asText())
        .isEqualTo("The sparsest activations are one (40.0 %), two (20.0 %).");
    assertThat(
            data.path("graphs").path(0).path("graph").path("edges").path(0).path("dense").asLong())
        .as("5 elements a run of 4 bytes")
        .isEqualTo(20);
    String own = page.substring(0, page.indexOf("<script>"));
    assertThat(own)
        .contains("default-src 'none'")
        .doesNotContain("src=\"", "@import", "url(", "{{");
    assertThat(page.contains("sourceMappingURL")).isFalse();
    assertThat(page.length()).isLessThan(3_000_000);
  }

  @Test
  void namesEndNoScript() throws IOException {
    String page = page(List.of(profile("a", HOSTILE, List.of(tap(HOSTILE, 10, 4)))));

    assertThat(page.contains("<script>alert")).isFalse();
    assertThat(page.substring(page.indexOf("id=\"data\"")).contains("\u2028")).isFalse();
    assertThat(page.split("</script>", -1)).as("data, three libraries, ours").hasSize(6);
    assertThat(data(page).path("title").asText()).isEqualTo(HOSTILE);
    assertThat(page.contains("<title>Sparsity: &lt;/script&gt;")).isTrue();
  }

  @Test
  void tellsWhatMovedBetweenTwoProfilesOfOneModel() throws IOException {
    String page =
        page(
            List.of(
                profile("before", "net", List.of(tap("one", 100, 40), tap("two", 100, 20))),
                profile("after", "net", List.of(tap("one", 100, 45), tap("two", 100, 10)))));

    JsonNode data = data(page);
    List<String> texts = new ArrayList<>();
    data.path("findings").forEach(f -> texts.add(f.path("text").asText()));
    assertThat(texts)
        .contains("Against before, sparsity moved most in two: by -10.00 points, to 10.0 %.");
    assertThat(data.path("tables").path(0).path("columns").toString())
        .isEqualTo(
            "[\"weights before\",\"weights after\",\"activations before\",\"activations after\"]");
  }

  @Test
  void refusesAModelThatNoProfileIsOf() {
    Path model =
        ModelBuilder.model(17)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("y", ElementType.FLOAT, -1, 2)
            .node("Relu", List.of("x"), List.of("y"), "r")
            .writeTo(folder.resolve("other.onnx"));

    List<ReportFile> files = List.of(profile("a", "net", List.of(tap("one", 10, 4))));

    assertThatThrownBy(
            () ->
                ReportPage.write(
                    files, Optional.empty(), Optional.of(model), folder.resolve("r.html")))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("other.onnx: none of the profiles is of this model")
        .message()
        .hasLineCount(1);
    assertThat(folder.resolve("r.html")).doesNotExist();
  }

  private String page(List<ReportFile> files) throws IOException {
    Path out = folder.resolve("report.html");
    ReportPage.write(files, Optional.empty(), Optional.empty(), out);
    return Files.readString(out);
  }

  private static JsonNode data(String page) throws IOException {
    Matcher matcher =
        Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(page);
    assertThat(matcher.find()).isTrue();
    return new JsonMapper().readTree(matcher.group(1));
  }

  private static TapProfile tap(String layer, long elements, long zeros) {
    return ModelGraphTest.tap(layer, layer, elements, zeros);
  }

  private ReportFile profile(String name, String model, List<TapProfile> taps) {
    ModelProfile one =
        new ModelProfile(
            model, "", "g", 17, 1, 2, 2, taps, null, null, null, null, null, "", null, null);
    Path file = folder.resolve(name + ".json");
    new Profile(AgentInfo.of("", ""), List.of(one)).writeTo(file);
    return ReportFile.read(file.toString());
  }
}
