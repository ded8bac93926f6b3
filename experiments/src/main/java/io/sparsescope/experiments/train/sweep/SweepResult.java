package io.sparsescope.experiments.train.sweep;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.sparsescope.experiments.JsonFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What a sweep has found: the content of a sweep file, from which the paper's figure 2 is drawn.
 *
 * @param net the net's name
 * @param parameter the option that was swept
 * @param baselineAccuracy of the run of value 0, null if there is none
 * @param runs by rising value
 */
@JsonPropertyOrder({"format", "version", "net", "parameter", "baselineAccuracy", "runs"})
public record SweepResult(
    String net, String parameter, Double baselineAccuracy, List<SweepRun> runs) {

  /** The file's {@code format}. */
  public static final String FORMAT = "sparsescope-sweep";

  /** The newest {@code version} that is read, and the one that is written. */
  public static final int VERSION = 1;

  private static final JsonFile FILE =
      new JsonFile(FORMAT, VERSION, "sweep", "train --sweep", "sweep again");

  public SweepResult {
    net = requireNonNullElse(net, "");
    parameter = requireNonNullElse(parameter, SweepValues.GRADIENT_THRESHOLD);
    runs = List.copyOf(requireNonNullElse(runs, List.of()));
  }

  /**
   * Reads a sweep file.
   *
   * @throws io.sparsescope.experiments.ExperimentException if it cannot be read, is none, is cut
   *     off, damaged or of a newer version
   */
  public static SweepResult read(Path file) {
    return FILE.read(file, SweepResult.class);
  }

  /** Reads a sweep from text; {@code source} is what messages call it. */
  public static SweepResult parse(String source, String json) {
    return FILE.parse(source, json, SweepResult.class);
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
