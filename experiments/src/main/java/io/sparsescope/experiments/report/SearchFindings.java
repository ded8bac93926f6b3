package io.sparsescope.experiments.report;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.search.Validation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Takes layers or blocks out of search results. */
final class SearchFindings {
  private SearchFindings() {}

  /**
   * @throws ExperimentException if layers are asked for where blocks were searched
   */
  static Finding of(String file, SearchResult result, By by) {
    if (by == By.LAYER && result.by().equals(By.BLOCK.label())) {
      throw new ExperimentException(
          file + ": was searched by block and knows no layers: report it with --by block");
    }
    boolean onWeights = result.on().equals(On.WEIGHTS.label());
    Map<String, List<LayerResult>> groups = new LinkedHashMap<>();
    for (LayerResult layer : result.layers()) {
      boolean grouped = by == By.BLOCK && !layer.block().isEmpty();
      groups
          .computeIfAbsent(grouped ? layer.block() : layer.layer(), g -> new ArrayList<>())
          .add(layer);
    }
    List<Unit> units = new ArrayList<>();
    groups.forEach(
        (name, members) -> units.add(onWeights ? weights(name, members) : last(name, members)));
    return new Finding(
        file,
        result.model(),
        result.sha256().isEmpty() ? result.model() : result.sha256(),
        true,
        units,
        onWeights ? result.total().sparsity() : null,
        onWeights ? result.total().denseSparsity() : null,
        Optional.of(accuracy(result)),
        PaperNet.of(result));
  }

  private static Unit weights(String name, List<LayerResult> members) {
    long elements = sum(members, LayerResult::elements);
    return new Unit(
        name,
        share(sum(members, LayerResult::zeros), elements),
        share(sum(members, LayerResult::denseZeros), elements),
        null);
  }

  /** A block's activation is its last layer's. */
  private static Unit last(String name, List<LayerResult> members) {
    return new Unit(name, null, null, members.get(members.size() - 1).sparsity());
  }

  private static Accuracy accuracy(SearchResult result) {
    Validation kept = result.validation();
    return new Accuracy(
        result.on(),
        result.metric(),
        result.relativeAccuracy(),
        result.samples(),
        kept == null ? null : kept.relativeAccuracy(),
        kept == null ? 0 : kept.samples());
  }

  private static long sum(List<LayerResult> members, ToLongFunction<LayerResult> part) {
    return members.stream().mapToLong(part).sum();
  }

  private static Double share(long zeros, long elements) {
    return elements == 0 ? null : (Double) ((double) zeros / elements);
  }
}
