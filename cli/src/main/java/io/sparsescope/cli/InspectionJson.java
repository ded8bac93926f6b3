package io.sparsescope.cli;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.WeightCounts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An inspection for programs. */
final class InspectionJson {
  private InspectionJson() {}

  /**
   * @param counted null where weights were not counted
   */
  static Map<String, Object> of(Inspection inspection, WeightInspection counted) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("format", "sparsescope-inspection");
    result.put("version", 1);
    result.put("model", inspection);
    if (counted != null) {
      result.put("weights", lines(counted.weights()));
      result.put("layers", sums("layer", counted.layers()));
      result.put("blocks", sums("block", counted.blocks()));
      result.put("totalWeights", counts(counted.totalWeights()));
      if (counted.biasesAsked()) {
        result.put("biases", lines(counted.biases()));
        result.put("totalBiases", counts(counted.totalBiases()));
      }
      result.put("skipped", counted.skipped());
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

  private static List<Map<String, Object>> sums(String kind, Map<String, Counts> sums) {
    List<Map<String, Object>> lines = new ArrayList<>();
    sums.forEach(
        (name, counts) -> {
          Map<String, Object> line = new LinkedHashMap<>();
          line.put(kind, name);
          line.putAll(counts(counts));
          lines.add(line);
        });
    return lines;
  }

  private static Map<String, Object> counts(Counts counts) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("elements", counts.elements());
    line.put("zeros", counts.zeros());
    line.put("sparsity", counts.elements() == 0 ? null : counts.sparsity());
    return line;
  }
}
