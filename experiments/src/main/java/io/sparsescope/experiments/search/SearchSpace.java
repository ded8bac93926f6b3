package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.match.Candidates;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Pattern;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The units of a model that thresholds can be looked for, in graph order, and what cannot have one.
 *
 * @param units units, in the order of their first layers
 * @param skipped what has no threshold, and why
 */
public record SearchSpace(List<SearchUnit> units, List<Skipped> skipped) {

  /**
   * A layer, or one of its weights, that gets no threshold.
   *
   * @param layer name of the layer
   * @param tensor the weight or activation, "" for the whole layer
   * @param reason why, in a few words
   */
  public record Skipped(String layer, String tensor, String reason) {}

  public SearchSpace {
    units = List.copyOf(units);
    skipped = List.copyOf(skipped);
  }

  /**
   * Lists a model's units.
   *
   * @param blocks patterns by block name; empty for the blocks of the node names' scopes
   * @param filter a pattern; layers that it does not match are left alone
   * @throws ExperimentException if nothing in the model can have a threshold
   * @throws io.sparsescope.rewriter.RewriteException if a pattern cannot be understood or selects
   *     nothing
   */
  public static SearchSpace of(
      ModelFile model, On on, By by, Map<String, String> blocks, Optional<String> filter) {
    return new Finder(model, on).find(by, blocks, filter);
  }

  /** What is found so far. */
  private static final class Finder {
    private final ModelFile model;
    private final On on;
    private final Layers layers;
    private final Map<String, List<Layer>> readers = new HashMap<>();
    private final Set<String> taken = new HashSet<>();
    private final List<SearchUnit> units = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private final TrialPlan trial;

    Finder(ModelFile model, On on) {
      this.model = model;
      this.on = on;
      layers = Layers.of(model);
      trial = new TrialPlan(model, on);
      for (Layer layer : layers.all()) {
        for (Weight weight : layer.weights()) {
          readers.computeIfAbsent(weight.name(), name -> new ArrayList<>()).add(layer);
        }
      }
    }

    SearchSpace find(By by, Map<String, String> blocks, Optional<String> filter) {
      Map<String, String> blockOf = blockOf(blocks);
      Optional<Pattern> pattern = filter.map(Pattern::parse);
      Map<String, List<Layer>> groups = new LinkedHashMap<>();
      for (Layer layer : layers.all()) {
        if (pattern.isEmpty() || pattern.get().match(Candidates.layer(layer)).matched()) {
          String block = blockOf.getOrDefault(layer.name(), "");
          boolean alone = by == By.LAYER || block.isEmpty();
          String key = alone ? "layer " + layer.name() : "block " + block;
          groups.computeIfAbsent(key, k -> new ArrayList<>()).add(layer);
        }
      }
      groups.forEach(
          (key, members) -> {
            String block = blockOf.getOrDefault(members.get(0).name(), "");
            String name = key.startsWith("layer ") ? members.get(0).name() : block;
            add(name, block, members);
          });
      if (units.isEmpty()) {
        throw nothing(filter);
      }
      return new SearchSpace(units, skipped);
    }

    private Map<String, String> blockOf(Map<String, String> blocks) {
      Rules rules = new Rules(List.of(), List.of(), List.of(), blocks);
      Map<String, String> blockOf = new HashMap<>();
      new Rewriter(rules, false, false)
          .plan(model)
          .blocks()
          .forEach((block, names) -> names.forEach(name -> blockOf.putIfAbsent(name, block)));
      return blockOf;
    }

    private ExperimentException nothing(Optional<String> filter) {
      String why =
          skipped.isEmpty()
              ? filter.isPresent()
                  ? "no layer matches " + filter.get()
                  : "it has no layers with weights"
              : skipped.get(0).layer() + ": " + skipped.get(0).reason();
      return new ExperimentException(
          model.name()
              + ": nothing can have a threshold on "
              + on.label()
              + " ("
              + why
              + "); 'sparsescope inspect' lists the layers");
    }

    private void add(String name, String block, List<Layer> members) {
      if (on == On.WEIGHTS) {
        addWeights(name, block, members);
      } else {
        addActivation(name, block, members);
      }
    }

    private void addWeights(String name, String block, List<Layer> members) {
      List<Weight> weights = new ArrayList<>();
      List<SearchUnit.Place> places = new ArrayList<>();
      long elements = 0;
      for (Layer layer : members) {
        if (layer.weights().isEmpty()) {
          skipped.add(new Skipped(layer.name(), "", "it has no constant weights"));
        }
        for (Weight weight : layer.weights()) {
          if (taken.contains(weight.name())) {
            skipped.add(sharedWithAnEarlier(layer, weight));
            continue;
          }
          taken.add(weight.name());
          Optional<TensorData> data = WeightValues.of(model, weight);
          String reason = reasonAgainst(weight, data);
          Optional<SearchUnit.Place> place = Optional.empty();
          if (reason.isEmpty()) {
            TrialPlan.Outcome outcome = trial.weight(readers.get(weight.name()), weight);
            place = outcome.place();
            reason = outcome.reason();
          }
          if (place.isPresent() && !place.get().bake() && converted(weight, data.orElseThrow())) {
            place = Optional.empty();
            reason = "it is converted to another type, behind which zeros cannot be counted";
          }
          if (place.isPresent()) {
            weights.add(weight);
            places.add(place.get());
            elements += data.orElseThrow().elements();
          } else {
            skipped.add(new Skipped(layer.name(), weight.name(), reason));
          }
        }
      }
      if (!weights.isEmpty()) {
        units.add(new SearchUnit(name, block, on, members, weights, "", elements, places));
      }
    }

    private Skipped sharedWithAnEarlier(Layer layer, Weight weight) {
      String first = readers.get(weight.name()).get(0).name();
      return new Skipped(
          layer.name(),
          weight.name(),
          first.equals(layer.name()) ? "the layer reads it twice" : "it belongs to layer " + first);
    }

    private static String reasonAgainst(Weight weight, Optional<TensorData> data) {
      if (weight.quantized()) {
        return "it is quantized; a threshold is for floats";
      }
      if (data.isEmpty()) {
        return "a node computes its values";
      }
      return data.get().type().isFloat()
          ? ""
          : "a threshold is for floats, not for " + data.get().type().label();
    }

    private boolean converted(Weight weight, TensorData data) {
      return model
          .graph()
          .type(weight.tensor())
          .map(TensorType::element)
          .filter(type -> type != data.type())
          .isPresent();
    }

    private void addActivation(String name, String block, List<Layer> members) {
      List<Layer> computing = members.stream().filter(layer -> !layer.isEmbedding()).toList();
      if (computing.isEmpty()) {
        String first = members.get(0).name();
        skipped.add(new Skipped(first, "", "it looks rows up and has no activation"));
        return;
      }
      Layer last = computing.get(computing.size() - 1);
      String tensor = last.activation();
      if (model.graph().isOutput(tensor)) {
        skipped.add(new Skipped(last.name(), tensor, "it is an output of the model"));
        return;
      }
      TrialPlan.Outcome outcome = trial.activation(last);
      if (outcome.place().isPresent()) {
        units.add(
            new SearchUnit(
                name, block, on, members, List.of(), tensor, 0, List.of(outcome.place().get())));
      } else {
        skipped.add(new Skipped(last.name(), tensor, outcome.reason()));
      }
    }
  }
}
