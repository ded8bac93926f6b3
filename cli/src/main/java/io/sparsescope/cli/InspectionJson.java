package io.sparsescope.cli;

import io.sparsescope.experiments.WeightCounter;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.WeightCounts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An inspection for programs. */
final class InspectionJson {
  private InspectionJson() {}

  /**
   * @param counted null where weights were not counted
   */
  static Map<String, Object> of(Inspection inspection, WeightCounter.Result counted) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("format", "sparsescope-inspection");
    result.put("version", 1);
    result.put("model", inspection);
    if (counted != null) {
      result.put("weights", lines(counted.weights()));
      result.put("biases", lines(counted.biases()));
      result.put("skipped", counted.skipped());
      result.put("totalWeights", counts(sum(counted.weights())));
      result.put("totalBiases", counts(sum(counted.biases())));
    }
    return result;
  }

  private static List<Map<String, Object>> lines(List<WeightCounts> counted) {
    return counted.stream().map(InspectionJson::line).toList();
  }

  private static Map<String, Object> line(WeightCounts counted) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("layer", counted.weight().layer());
    line.put("tensor", counted.weight().tensor());
    line.put("type", counted.weight().type());
    line.putAll(counts(counted.counts()));
    return line;
  }

  private static Counts sum(List<WeightCounts> counted) {
    return counted.stream().map(WeightCounts::counts).reduce(Counts.NONE, Counts::plus);
  }

  private static Map<String, Object> counts(Counts counts) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("elements", counts.elements());
    line.put("zeros", counts.zeros());
    line.put("sparsity", counts.elements() == 0 ? null : counts.sparsity());
    return line;
  }
}
