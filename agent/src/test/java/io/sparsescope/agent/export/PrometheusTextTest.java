package io.sparsescope.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrometheusTextTest {
  private static final String PROMETHEUS_ACCEPT =
      "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

  private static final Profile PROFILE =
      Profiles.of(
          Profiles.model(
              "net.onnx",
              Profiles.SHA,
              "",
              List.of(
                  Profiles.tap("l1", "t1", 16_777_217, 4_194_304, 2),
                  Profiles.tap("l2", "t2", 0, 0, 0))),
          Profiles.model(
              "net.onnx", Profiles.SHA, "b", List.of(Profiles.tap("l1", "t1", 8, 6, 0))));

  private final PrometheusText prometheus = new PrometheusText();

  @Test
  void tellsEverySeriesOfAProfile() throws IOException {
    String net = "{model=net.onnx, sha256=0123456789ab}";
    String b = "{arm=b, model=net.onnx, sha256=0123456789ab}";
    String t1 = "{layer=l1, model=net.onnx, op=Relu, sha256=0123456789ab, tensor=t1}";
    String t2 = "{layer=l2, model=net.onnx, op=Relu, sha256=0123456789ab, tensor=t2}";
    String bt1 = "{arm=b, layer=l1, model=net.onnx, op=Relu, sha256=0123456789ab, tensor=t1}";

    assertThat(TextFormat.parse(text(PROFILE, "")))
        .isEqualTo(
            Map.ofEntries(
                Map.entry("sparsescope_info{onnxruntime=1.29.0, version=1.2}", 1.0),
                Map.entry("sparsescope_failures_total{}", 3.0),
                Map.entry("sparsescope_sessions_total" + net, 2.0),
                Map.entry("sparsescope_sessions_total" + b, 2.0),
                Map.entry("sparsescope_runs_total" + net, 10.0),
                Map.entry("sparsescope_runs_total" + b, 10.0),
                Map.entry("sparsescope_sampled_runs_total" + net, 5.0),
                Map.entry("sparsescope_sampled_runs_total" + b, 5.0),
                Map.entry("sparsescope_drops_total" + net, 4.0),
                Map.entry("sparsescope_drops_total" + b, 4.0),
                Map.entry("sparsescope_run_seconds_total" + net, 2.5),
                Map.entry("sparsescope_run_seconds_total" + b, 2.5),
                Map.entry("sparsescope_overhead_seconds_total" + net, 0.125),
                Map.entry("sparsescope_overhead_seconds_total" + b, 0.125),
                Map.entry("sparsescope_folded_tensors" + net, 0.0),
                Map.entry("sparsescope_folded_tensors" + b, 0.0),
                Map.entry("sparsescope_elements_total" + t1, 16_777_217.0),
                Map.entry("sparsescope_elements_total" + t2, 0.0),
                Map.entry("sparsescope_elements_total" + bt1, 8.0),
                Map.entry("sparsescope_zeros_total" + t1, 4_194_304.0),
                Map.entry("sparsescope_zeros_total" + t2, 0.0),
                Map.entry("sparsescope_zeros_total" + bt1, 6.0),
                Map.entry("sparsescope_nan_total" + t1, 2.0),
                Map.entry("sparsescope_nan_total" + t2, 0.0),
                Map.entry("sparsescope_nan_total" + bt1, 0.0),
                Map.entry("sparsescope_nan_runs_total" + t1, 7.0),
                Map.entry("sparsescope_nan_runs_total" + t2, 7.0),
                Map.entry("sparsescope_nan_runs_total" + bt1, 7.0),
                Map.entry("sparsescope_sparsity" + t1, 4_194_304.0 / 16_777_217.0),
                Map.entry("sparsescope_sparsity" + bt1, 0.75),
                Map.entry("sparsescope_compared_runs_total" + b, 5.0),
                Map.entry("sparsescope_output_difference_max_abs" + b, 0.25),
                Map.entry("sparsescope_output_cosine_min" + b, 0.5),
                Map.entry("sparsescope_output_cosine_mean" + b, 0.75),
                Map.entry("sparsescope_compared_rows_total" + b, 20.0),
                Map.entry("sparsescope_agreeing_rows_total" + b, 19.0)));
  }

  @Test
  void speaksOpenMetricsWhereItIsAskedTo() throws IOException {
    Answer answer = prometheus.write(LiveTotals.of(PROFILE), PROMETHEUS_ACCEPT);
    String text = new String(answer.body(), StandardCharsets.UTF_8);

    assertThat(answer.contentType()).startsWith("application/openmetrics-text");
    assertThat(text)
        .endsWith("\n# EOF\n")
        .contains(
            "# TYPE sparsescope_run_seconds counter\n",
            "# UNIT sparsescope_run_seconds seconds\n",
            "# TYPE sparsescope info\n");
    assertThat(TextFormat.parse(text)).isEqualTo(TextFormat.parse(text(PROFILE, "")));
  }

  @Test
  void namesTheTextFormatOtherwise() throws IOException {
    Answer answer = prometheus.write(LiveTotals.of(PROFILE), "*/*");

    assertThat(answer.contentType()).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
        .contains("# TYPE sparsescope_zeros_total counter\n", "# TYPE sparsescope_sparsity gauge\n")
        .doesNotContain("# EOF");
  }

  @Property(tries = 300)
  void staysReadableWhateverTheNamesInAModelAre(
      @ForAll String model, @ForAll String layer, @ForAll String tensor) throws IOException {
    Profile profile =
        Profiles.of(
            Profiles.model(model, Profiles.SHA, "", List.of(Profiles.tap(layer, tensor, 4, 3, 0))));

    Map<String, Double> samples = TextFormat.parse(text(profile, ""));
    assertThat(samples.entrySet())
        .filteredOn(sample -> sample.getKey().startsWith("sparsescope_zeros_total"))
        .singleElement()
        .satisfies(sample -> assertThat(sample.getValue()).isEqualTo(3.0));
    assertThat(TextFormat.parse(text(profile, PROMETHEUS_ACCEPT))).isEqualTo(samples);
  }

  private String text(Profile profile, String accept) throws IOException {
    return new String(
        prometheus.write(LiveTotals.of(profile), accept).body(), StandardCharsets.UTF_8);
  }
}
