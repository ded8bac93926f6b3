package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.gradient.Parameter.Kind;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Candidates;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Pattern;
import io.sparsescope.rewriter.match.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds what of a model can train: weights and biases of layers, scales and shifts of
 * normalizations, slopes of PRelu; of those the ones that patterns select. Float32 initializers
 * only; everything else is constant.
 */
final class Trainable {
  private final ModelFile model;
  private final Constants constants;
  private final Layers layers;
  private final List<Pattern> patterns;
  private final Set<Pattern> matched = new HashSet<>();
  private final Map<String, Parameter> found = new LinkedHashMap<>();

  /**
   * @param patterns which parameters train; none for all
   */
  Trainable(ModelFile model, List<Pattern> patterns) {
    this.model = model;
    this.patterns = patterns;
    constants = new Constants(model.graph());
    layers = Layers.of(model.graph(), constants);
  }

  /**
   * In the order of the initializers.
   *
   * @throws RewriteException if a pattern selects none
   */
  List<Parameter> find() {
    for (Layer layer : layers.all()) {
      layer.weights().forEach(w -> addWeight(layer, w, Kind.WEIGHT));
      layer.biases().forEach(b -> addWeight(layer, b, Kind.BIAS));
    }
    model.graph().nodes().forEach(this::addOwn);
    for (Pattern pattern : patterns) {
      if (!matched.contains(pattern)) {
        throw new RewriteException(
            "model "
                + model.name()
                + ": pattern \""
                + pattern
                + "\" selects no parameter that can train: name a node with weights");
      }
    }
    List<Parameter> parameters = new ArrayList<>(found.values());
    parameters.sort(Comparator.comparingInt(p -> p.initializer().index()));
    return parameters;
  }

  private void addWeight(Layer layer, Weight weight, Kind kind) {
    if (weight.initializer().isPresent() && !weight.quantized()) {
      add(weight.initializer().get(), kind, layer.name(), Candidates.weight(layer, weight));
    }
  }

  private void addOwn(Node node) {
    if (!node.isStandard()) {
      return;
    }
    switch (node.op()) {
      case "BatchNormalization",
          "InstanceNormalization",
          "LayerNormalization",
          "GroupNormalization" -> {
        addInput(node, 1, Kind.SCALE);
        addInput(node, 2, Kind.SHIFT);
      }
      case "PRelu" -> addInput(node, 1, Kind.SLOPE);
      default -> {}
    }
  }

  private void addInput(Node node, int input, Kind kind) {
    if (input >= node.proto().getInputCount()) {
      return;
    }
    String layer = layers.holding(node).map(Layer::name).orElse(node.name());
    constants
        .source(node.proto().getInput(input))
        .filter(s -> !s.quantized())
        .flatMap(Constants.Source::initializer)
        .ifPresent(i -> add(i, kind, layer, Stream.of(new Candidate(node, i.name(), true, layer))));
  }

  private void add(Initializer initializer, Kind kind, String layer, Stream<Candidate> names) {
    boolean fits = initializer.type() == ElementType.FLOAT && !initializer.sparse();
    if (fits && isSelected(names.toList())) {
      found.putIfAbsent(
          initializer.name(), new Parameter(initializer.name(), initializer, kind, layer));
    }
  }

  private boolean isSelected(List<Candidate> names) {
    boolean selected = patterns.isEmpty();
    for (Pattern pattern : patterns) {
      if (names.stream().anyMatch(c -> pattern.match(c).matched())) {
        matched.add(pattern);
        selected = true;
      }
    }
    return selected;
  }

  /**
   * The running mean and variance of the BatchNormalizations that train, by node.
   *
   * @param trains whether a tensor wants a gradient
   */
  Map<Integer, List<Statistic>> statistics(Reach reach) {
    Map<Integer, List<Statistic>> all = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (Node node : model.graph().nodes()) {
      boolean trains =
          node.isStandard()
              && node.op().equals("BatchNormalization")
              && (reach.wants(node.proto().getInput(1)) || reach.wants(node.proto().getInput(2)));
      if (trains) {
        List<Statistic> both = List.of(statistic(node, 3), statistic(node, 4));
        for (Statistic s : both) {
          requireOwn(node, names.add(s.name()), s);
        }
        all.put(node.index(), both);
      }
    }
    return all;
  }

  private Statistic statistic(Node node, int input) {
    String tensor = node.proto().getInput(input);
    Initializer initializer =
        constants
            .source(tensor)
            .flatMap(Constants.Source::initializer)
            .orElseThrow(
                () ->
                    failure(
                        node,
                        "its input '" + tensor + "' is no initializer",
                        "store the running statistics as initializers"));
    return new Statistic(initializer.name(), initializer, node.name());
  }

  private void requireOwn(Node node, boolean own, Statistic statistic) {
    if (!own) {
      throw failure(
          node,
          "shares the running statistic '" + statistic.name() + "' with another node",
          "give each its own initializer (export without deduplication)");
    }
  }

  private RewriteException failure(Node node, String what, String remedy) {
    return new RewriteException(
        "model " + model.name() + ", node " + node.name() + ": " + what + ": " + remedy);
  }
}
