package io.sparsescope.experiments.search;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.JsonFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What a search has found: the content of a search result file. Accuracies are means of the metric
 * over records, from 0 to 1 for metrics that count hits.
 *
 * <p>Counts and sums are the truth; sparsities and ratios are derived and not read back.
 *
 * @param model the model's file name
 * @param sha256 of the model's file
 * @param data the data, as it was named
 * @param samples records that thresholds were chosen by
 * @param on what the thresholds are for: weights or activations
 * @param by what has one: layer or block
 * @param compare lt, or le where elements equal to the threshold become zero, too
 * @param grid the grid, as it was written
 * @param metric the metric's name
 * @param tolerance share of accuracy that might be lost
 * @param seed of all that is random
 * @param joint what was done where all thresholds at once lose more: report or repair
 * @param baselineAccuracy of the dense model over the samples
 * @param accuracy with all thresholds of {@code layers} in force
 * @param holds whether that is within the tolerance
 * @param layers the units in graph order
 * @param total all of them together (eq. 5)
 * @param skipped what has no threshold, and why
 * @param validation accuracy on records that were not searched on; null without {@code --validate}
 * @param evaluations what it cost
 * @param notices what a user should know about how the data was fed
 */
@JsonPropertyOrder({
  "format",
  "version",
  "model",
  "sha256",
  "data",
  "samples",
  "on",
  "by",
  "compare",
  "grid",
  "metric",
  "tolerance",
  "seed",
  "joint",
  "baselineAccuracy",
  "accuracy",
  "relativeAccuracy",
  "holds",
  "layers",
  "total",
  "skipped",
  "validation",
  "evaluations",
  "notices"
})
public record SearchResult(
    String model,
    String sha256,
    String data,
    long samples,
    String on,
    String by,
    String compare,
    String grid,
    String metric,
    double tolerance,
    long seed,
    String joint,
    double baselineAccuracy,
    double accuracy,
    boolean holds,
    List<LayerResult> layers,
    Total total,
    List<SearchSpace.Skipped> skipped,
    @JsonInclude(JsonInclude.Include.NON_NULL) Validation validation,
    Evaluations evaluations,
    List<String> notices) {

  /** The file's {@code format}. */
  public static final String FORMAT = "sparsescope-search";

  /** The newest {@code version} that is read, and the one that is written. */
  public static final int VERSION = 1;

  private static final JsonFile FILE =
      new JsonFile(FORMAT, VERSION, "search result", "search", "search again");

  /**
   * All units together.
   *
   * @param elements of all of them
   * @param zeros with the thresholds in force
   * @param denseZeros before the search
   */
  @JsonPropertyOrder({"elements", "zeros", "sparsity", "denseZeros", "denseSparsity"})
  public record Total(long elements, long zeros, long denseZeros) {
    static Total of(List<LayerResult> layers) {
      return new Total(
          layers.stream().mapToLong(LayerResult::elements).sum(),
          layers.stream().mapToLong(LayerResult::zeros).sum(),
          layers.stream().mapToLong(LayerResult::denseZeros).sum());
    }

    /** Zeros by elements with the thresholds in force; null where there are no elements. */
    @JsonProperty("sparsity")
    public Double sparsity() {
      return LayerResult.share(zeros, elements);
    }

    /** Zeros by elements before the search. */
    @JsonProperty("denseSparsity")
    public Double denseSparsity() {
      return LayerResult.share(denseZeros, elements);
    }
  }

  /**
   * What the search ran.
   *
   * @param samples records run to find the units' thresholds, each as often as it was run
   * @param exhaustive records that the plain way runs: units by grid by records
   * @param joint records run for all thresholds at once, repair included
   */
  public record Evaluations(long samples, long exhaustive, long joint) {}

  public SearchResult {
    model = requireNonNullElse(model, "");
    sha256 = requireNonNullElse(sha256, "");
    data = requireNonNullElse(data, "");
    on = requireNonNullElse(on, On.WEIGHTS.label());
    by = requireNonNullElse(by, By.LAYER.label());
    compare = requireNonNullElse(compare, "lt");
    grid = requireNonNullElse(grid, "");
    metric = requireNonNullElse(metric, "");
    joint = requireNonNullElse(joint, "report");
    layers = List.copyOf(requireNonNullElse(layers, List.of()));
    total = requireNonNullElse(total, Total.of(layers));
    skipped = List.copyOf(requireNonNullElse(skipped, List.of()));
    evaluations = requireNonNullElse(evaluations, new Evaluations(0, 0, 0));
    notices = List.copyOf(requireNonNullElse(notices, List.of()));
  }

  /** Accuracy by the dense model's; null where that is 0. */
  @JsonProperty("relativeAccuracy")
  public Double relativeAccuracy() {
    return baselineAccuracy == 0 ? null : (Double) (accuracy / baselineAccuracy);
  }

  /**
   * Reads a search result file.
   *
   * @throws ExperimentException if it cannot be read, is none, is cut off or of a newer version
   */
  public static SearchResult read(Path file) {
    return FILE.read(file, SearchResult.class);
  }

  /** Reads a search result from text; {@code source} is what messages call it. */
  public static SearchResult parse(String source, String json) {
    return FILE.parse(source, json, SearchResult.class);
  }

  /** The file's content. */
  public String toJson() {
    return FILE.toJson(this);
  }

  /**
   * Writes the file: beside the target, then moved into place.
   *
   * @throws ExperimentException if it cannot be written; a file that was there is unchanged
   */
  public void writeTo(Path file) {
    FILE.write(this, file);
  }

  @JsonProperty("format")
  String format() {
    return FORMAT;
  }

  @JsonProperty("version")
  int version() {
    return VERSION;
  }
}
