package io.sparsescope.experiments.train.series;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.sparsescope.experiments.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a training run went through: the content of a training series file, from which the paper's
 * figures 3 to 7 are drawn.
 *
 * <p>Counts are the truth. Sparsities (eq. 5: weighted by element counts) and bytes are derived
 * from them and not read back.
 *
 * @param net the net's name
 * @param options what the run was started with, by option name
 * @param countedEvery k: of the steps, which begin with 1, every k-th was counted
 * @param steps the steps whose gradients were counted, rising
 * @param loss at each of these steps
 * @param accuracySteps the steps behind which the accuracy was measured, rising
 * @param accuracy on the test data behind each of them, 0 to 1
 * @param baselineAccuracy of the run that this one is held against, null if there is none
 * @param gradients the gradients' zeros, in the order of the parameters
 */
@JsonPropertyOrder({
  "format",
  "version",
  "net",
  "options",
  "baselineAccuracy",
  "accuracySteps",
  "accuracy",
  "countedEvery",
  "steps",
  "loss",
  "total",
  "totalBefore",
  "gradientSparsity",
  "blockSparsity",
  "bytes",
  "gradients"
})
public record TrainingSeries(
    String net,
    Map<String, String> options,
    long countedEvery,
    LongSeries steps,
    DoubleSeries loss,
    LongSeries accuracySteps,
    DoubleSeries accuracy,
    Double baselineAccuracy,
    List<GradientSeries> gradients) {

  /** The file's {@code format}. */
  public static final String FORMAT = "sparsescope-training";

  /** The newest {@code version} that is read, and the one that is written. */
  public static final int VERSION = 1;

  private static final JsonFile FILE =
      new JsonFile(FORMAT, VERSION, "training series", "train", "train again");

  /**
   * @throws IllegalArgumentException if the numbers do not go together
   */
  public TrainingSeries {
    net = requireNonNullElse(net, "");
    options =
        Collections.unmodifiableMap(new LinkedHashMap<>(requireNonNullElse(options, Map.of())));
    steps = requireNonNullElse(steps, LongSeries.EMPTY);
    loss = requireNonNullElse(loss, DoubleSeries.EMPTY);
    accuracySteps = requireNonNullElse(accuracySteps, LongSeries.EMPTY);
    accuracy = requireNonNullElse(accuracy, DoubleSeries.EMPTY);
    gradients = List.copyOf(requireNonNullElse(gradients, List.of()));
    if (countedEvery < 1) {
      throw new IllegalArgumentException("countedEvery is " + countedEvery);
    }
    requireRising("steps", steps);
    requireRising("accuracySteps", accuracySteps);
    requireLength("loss", loss.size(), "steps", steps.size());
    requireLength("accuracy", accuracy.size(), "accuracySteps", accuracySteps.size());
    for (GradientSeries g : gradients) {
      requireLength("zeros of " + g.parameter(), g.zeros().size(), "steps", steps.size());
    }
  }

  private static void requireRising(String what, LongSeries steps) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) <= (i == 0 ? 0 : steps.get(i - 1))) {
        throw new IllegalArgumentException(
            what + " has " + steps.get(i) + " where a higher number is due");
      }
    }
  }

  private static void requireLength(String what, int is, String as, int due) {
    if (is != due) {
      throw new IllegalArgumentException(what + " has " + is + " entries, " + as + " " + due);
    }
  }

  /** Share of zeros among the elements of all gradients, a number a counted step (eq. 5). */
  @JsonProperty("total")
  public DoubleSeries total() {
    return sparsity(gradients, GradientSeries::zeros);
  }

  /** The same before thresholds. */
  @JsonProperty("totalBefore")
  public DoubleSeries totalBefore() {
    return sparsity(gradients, GradientSeries::zerosBefore);
  }

  /** Of each layer, by name: its gradients together, like the weights they belong to. */
  @JsonProperty("gradientSparsity")
  public Map<String, DoubleSeries> gradientSparsity() {
    return grouped(GradientSeries::layer);
  }

  /** Of each block, by name. */
  @JsonProperty("blockSparsity")
  public Map<String, DoubleSeries> blockSparsity() {
    Map<String, DoubleSeries> all = grouped(GradientSeries::block);
    all.remove("");
    return all;
  }

  /** What the gradients take on the wire. */
  @JsonProperty("bytes")
  public WireBytes bytes() {
    return WireBytes.of(gradients, steps.size());
  }

  /** The accuracy measured last, null if none was. */
  @JsonIgnore
  public Double finalAccuracy() {
    return accuracy.size() == 0 ? null : (Double) accuracy.get(accuracy.size() - 1);
  }

  /**
   * Total sparsity near the end, as figure 2 has it: over the last tenth of the counted steps, at
   * least one; null if none was counted.
   */
  @JsonIgnore
  public Double finalSparsity() {
    int count = (steps.size() + 9) / 10;
    DoubleSeries total = total();
    double sum = 0;
    for (int i = total.size() - count; i < total.size(); i++) {
      sum += total.get(i);
    }
    return count == 0 ? null : (Double) (sum / count);
  }

  /** This series, held against a baseline. */
  public TrainingSeries withBaseline(Double other) {
    return new TrainingSeries(
        net, options, countedEvery, steps, loss, accuracySteps, accuracy, other, gradients);
  }

  private Map<String, DoubleSeries> grouped(Function<GradientSeries, String> name) {
    Map<String, List<GradientSeries>> groups = new LinkedHashMap<>();
    for (GradientSeries g : gradients) {
      groups.computeIfAbsent(name.apply(g), k -> new ArrayList<>()).add(g);
    }
    Map<String, DoubleSeries> all = new LinkedHashMap<>();
    groups.forEach((key, of) -> all.put(key, sparsity(of, GradientSeries::zeros)));
    return all;
  }

  private DoubleSeries sparsity(
      List<GradientSeries> of, Function<GradientSeries, LongSeries> counts) {
    long elements = of.stream().mapToLong(GradientSeries::elements).sum();
    double[] shares = new double[steps.size()];
    for (int i = 0; i < shares.length; i++) {
      long zeros = 0;
      for (GradientSeries g : of) {
        zeros += counts.apply(g).get(i);
      }
      shares[i] = elements == 0 ? 0 : (double) zeros / elements;
    }
    return DoubleSeries.of(shares);
  }

  /**
   * Reads a training series file.
   *
   * @throws io.sparsescope.experiments.ExperimentException if it cannot be read, is none, is cut
   *     off, damaged or of a newer version
   */
  public static TrainingSeries read(Path file) {
    return FILE.read(file, TrainingSeries.class);
  }

  /** Reads a training series from text; {@code source} is what messages call it. */
  public static TrainingSeries parse(String source, String json) {
    return FILE.parse(source, json, TrainingSeries.class);
  }

  /** The file's content. */
  public String toJson() {
    return FILE.toJson(this);
  }

  /**
   * Writes the file: beside the target, then moved into place.
   *
   * @throws io.sparsescope.experiments.ExperimentException if it cannot be written; a file that was
   *     there is unchanged
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
