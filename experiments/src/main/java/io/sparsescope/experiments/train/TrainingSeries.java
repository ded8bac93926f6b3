package io.sparsescope.experiments.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.sparsescope.experiments.TextFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was seen over a training.
 *
 * @param format {@link #FORMAT}
 * @param version {@link #VERSION}
 * @param net what was trained
 * @param steps numbers, from 1, of the steps that {@code loss}, {@code gradientSparsity} and {@code
 *     total} tell of
 * @param gradientSparsity of each gradient, by its parameter
 * @param total sparsity of all gradients together
 * @param loss of each of these steps, L1 and L2 terms included
 * @param accuracySteps numbers of the steps behind which {@code accuracy} was measured
 * @param accuracy share of the test records whose class was found
 * @param baselineAccuracy of the training that this one is compared with; null for none
 * @param options what the training was asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingSeries(
    String format,
    int version,
    String net,
    List<Long> steps,
    Map<String, List<Double>> gradientSparsity,
    List<Double> total,
    List<Float> loss,
    List<Long> accuracySteps,
    List<Double> accuracy,
    Double baselineAccuracy,
    Map<String, String> options) {
  /** What such a file's {@code format} is. */
  public static final String FORMAT = "sparsescope-training";

  /** The version that is written. */
  public static final int VERSION = 1;

  static final ObjectMapper MAPPER =
      new ObjectMapper()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** A series without entries, to which entries can be added. */
  static TrainingSeries begin(String net, Map<String, String> options) {
    return new TrainingSeries(
        FORMAT,
        VERSION,
        net,
        new ArrayList<>(),
        new LinkedHashMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        null,
        new LinkedHashMap<>(options));
  }

  /** Takes note of a step; its number counts from 1. */
  void add(long step, float stepLoss) {
    steps.add(step);
    loss.add(stepLoss);
  }

  /** Takes note of an accuracy measured behind a step. */
  void addAccuracy(long step, double share) {
    accuracySteps.add(step);
    accuracy.add(share);
  }

  /** As the text of a JSON file. */
  public String toJson() {
    try {
      return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError("lists of numbers are JSON", e);
    }
  }

  /**
   * Writes a JSON file: beside the target, then moved into place.
   *
   * @throws io.sparsescope.experiments.ExperimentException if it cannot be written
   */
  public void write(Path file) {
    TextFile.write(toJson(), file, "training series");
  }
}
