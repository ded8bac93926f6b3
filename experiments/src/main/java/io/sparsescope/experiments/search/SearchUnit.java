package io.sparsescope.experiments.search;

import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What gets a threshold of its own: a layer, or a block of several.
 *
 * <p>A weight that several layers read belongs to the first unit, in graph order, that has one of
 * them; its threshold is in force for all of them, because the values are stored once.
 *
 * @param name the layer's or the block's, unique among the units of a search
 * @param block the block that it is or belongs to, "" if none
 * @param on what the threshold is for
 * @param layers the layer, or the block's layers in graph order
 * @param weights on weights: those that get the threshold, each once; else empty
 * @param activation on activations: the tensor that gets the threshold, of a block its last layer's
 *     (section 2.1); else ""
 * @param elements number of elements of the weights; 0 on activations, where it depends on the
 *     input
 * @param places where a rule has to act, one for each weight or activation, in the same order
 */
public record SearchUnit(
    String name,
    String block,
    On on,
    List<Layer> layers,
    List<Weight> weights,
    String activation,
    long elements,
    List<Place> places) {

  /**
   * Where a rule has to act.
   *
   * @param pattern selects exactly the nodes that read the weight, or the one that makes the
   *     activation
   * @param bake whether zeros can be written into the initializer, because nobody else reads it
   */
  public record Place(String pattern, boolean bake) {}

  public SearchUnit {
    layers = List.copyOf(layers);
    weights = List.copyOf(weights);
    places = List.copyOf(places);
  }

  /**
   * The threshold as rules that act on this unit and on nothing else. Weights are zeroed where they
   * are stored ({@code bake}) if nobody else reads them, else by nodes in front of their readers.
   *
   * @param threshold 0 for none
   * @param orEqual whether elements equal to it become zero, too
   */
  public Rules rules(double threshold, boolean orEqual) {
    return rules(Map.of(this, threshold), orEqual);
  }

  /** The rules of several units at once, in the order of the map; units with 0 have none. */
  public static Rules rules(Map<SearchUnit, Double> thresholds, boolean orEqual) {
    List<ThresholdRule> weights = new ArrayList<>();
    List<ThresholdRule> activations = new ArrayList<>();
    thresholds.forEach(
        (unit, threshold) -> {
          if (threshold > 0) {
            List<ThresholdRule> rules = unit.on == On.WEIGHTS ? weights : activations;
            for (Place place : unit.places) {
              rules.add(new ThresholdRule(place.pattern, threshold, orEqual, false, place.bake));
            }
          }
        });
    return new Rules(weights, activations, List.of(), Map.of());
  }
}
