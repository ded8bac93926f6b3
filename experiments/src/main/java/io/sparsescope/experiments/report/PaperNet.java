package io.sparsescope.experiments.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepValues;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A net of the paper and what the paper measured on it: tables 1 to 6, and what section 3.2 tells
 * of figure 2. A model is such a net if its layers have the names that {@link
 * io.sparsescope.onnx.zoo.Zoo} gives them and hold as many elements.
 *
 * @param name as the paper has it
 * @param data what it was trained on
 * @param table number of its table
 * @param labels what it was trained with: L2, or L2 and L1; all lists of values are in this order
 * @param relativeAccuracy with the thresholds of its table
 * @param totalWeights sparsity of all weights together (table 6)
 * @param rows its table's rows, in order
 * @param gradients what is told of trainings with a threshold on all gradients, with L2
 * @param note what a reader should know who compares, "" if nothing
 */
public record PaperNet(
    String name,
    String data,
    int table,
    List<String> labels,
    List<Double> relativeAccuracy,
    List<Double> totalWeights,
    List<Row> rows,
    List<Gradients> gradients,
    String note) {

  /**
   * A layer, or of a residual net a unit.
   *
   * @param name the layer's, or the scope of the unit's layers
   * @param weightElements elements of its weights
   * @param activationElements elements a record of its last activation
   * @param weights their sparsity after the threshold search
   * @param activations its last activation's sparsity on test data
   */
  public record Row(
      String name,
      long weightElements,
      long activationElements,
      List<Double> weights,
      List<Double> activations) {
    private boolean holds(String layer) {
      return layer.equals(name) || layer.startsWith(name + "/");
    }
  }

  /**
   * A training with a threshold on all gradients.
   *
   * @param threshold null where it is not told
   * @param relativeAccuracy by the training's without threshold
   * @param gradientSparsity near the end of training, null where it is not told
   */
  public record Gradients(Double threshold, double relativeAccuracy, Double gradientSparsity) {}

  private static final class All {
    static final List<PaperNet> NETS = read();

    private static List<PaperNet> read() {
      try (InputStream in = PaperNet.class.getResourceAsStream("paper.json")) {
        return List.of(JsonMapper.builder().build().readValue(in, PaperNet[].class));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** In the order of their tables. */
  public static List<PaperNet> all() {
    return All.NETS;
  }

  /** The net that a profile is of. */
  public static Optional<PaperNet> of(ModelProfile model) {
    Map<String, Long> weights = new LinkedHashMap<>();
    Map<String, Long> activations = new LinkedHashMap<>();
    for (TapProfile tap : model.taps()) {
      if (tap.kind() == TapKind.WEIGHT) {
        weights.merge(tap.layer(), tap.elements(), Long::sum);
      } else if (tap.kind() == TapKind.ACTIVATION && !tap.layer().isEmpty()) {
        activations.put(tap.layer(), tap.elements());
      }
    }
    return fitting(weights, activations);
  }

  /** The net that a search was on. */
  public static Optional<PaperNet> of(SearchResult search) {
    Map<String, Long> elements = new LinkedHashMap<>();
    for (LayerResult layer : search.layers()) {
      elements.put(layer.layer(), layer.elements());
    }
    return search.on().equals(On.WEIGHTS.label())
        ? fitting(elements, Map.of())
        : fitting(Map.of(), elements);
  }

  /** The net that thresholds on all gradients were swept over, by its name. */
  public static Optional<PaperNet> of(SweepResult sweep) {
    String net = plain(sweep.net());
    return sweep.parameter().equals(SweepValues.GRADIENT_THRESHOLD)
        ? all().stream().filter(paper -> plain(paper.name).equals(net)).findFirst()
        : Optional.empty();
  }

  private static String plain(String name) {
    return name.replace("-", "").toLowerCase(Locale.ROOT);
  }

  private static Optional<PaperNet> fitting(
      Map<String, Long> weights, Map<String, Long> activations) {
    return all().stream()
        .filter(net -> net.hasLayers(weights.keySet()) && net.hasLayers(activations.keySet()))
        .filter(net -> !weights.isEmpty() || !activations.isEmpty())
        .filter(net -> net.hasWeights(weights) && net.hasActivations(activations))
        .findFirst();
  }

  /** The last layer, whose activation is the output, may be left out; so may all. */
  private boolean hasLayers(Set<String> layers) {
    Set<String> found = layers.stream().map(this::rowOf).collect(toSet());
    return layers.isEmpty()
        || (!found.contains("")
            && rows.subList(0, rows.size() - 1).stream().allMatch(r -> found.contains(r.name)));
  }

  private boolean hasWeights(Map<String, Long> layers) {
    Map<String, Long> sums =
        layers.entrySet().stream()
            .collect(groupingBy(e -> rowOf(e.getKey()), summingLong(Map.Entry::getValue)));
    return rows.stream()
        .allMatch(r -> sums.getOrDefault(r.name, r.weightElements) == r.weightElements);
  }

  /** Whatever the number of records, the last activations of the rows keep their proportions. */
  private boolean hasActivations(Map<String, Long> layers) {
    Map<String, Long> last = new LinkedHashMap<>();
    layers.forEach((layer, elements) -> last.put(rowOf(layer), elements));
    Row first = rows.get(0);
    long records = last.getOrDefault(first.name, 0L) / first.activationElements;
    return layers.isEmpty()
        || (records > 0
            && rows.stream()
                .filter(r -> last.containsKey(r.name))
                .allMatch(r -> last.get(r.name) == records * r.activationElements));
  }

  /** Name of the row that a layer is or belongs to, "" if none. */
  private String rowOf(String layer) {
    return rows.stream().filter(r -> r.holds(layer)).map(Row::name).findFirst().orElse("");
  }

  /**
   * Which of some layers a row's activation is that of: the last one that it holds.
   *
   * @param layers in graph order
   */
  public Optional<String> lastLayer(Row row, List<String> layers) {
    return layers.stream().filter(row::holds).reduce((before, last) -> last);
  }

  /** What is told of known thresholds. */
  public List<Gradients> thresholds() {
    return gradients.stream().filter(g -> g.threshold() != null).toList();
  }

  /** Where it stands, for example "table 1, LeNet on MNIST". */
  public String source() {
    return "table " + table + ", " + name + " on " + data;
  }
}
