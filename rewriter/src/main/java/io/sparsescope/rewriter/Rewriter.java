package io.sparsescope.rewriter;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Candidates;
import io.sparsescope.rewriter.match.GradientTensors;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Plans a rewrite of a model: selects by rules, places thresholds and other transforms, then taps,
 * which count what consumers see behind them. A model that was rewritten before may be rewritten
 * again, as long as only one rewrite adds taps.
 */
public final class Rewriter {
  /** Metadata key of the version that did the rewrite. */
  public static final String VERSION_KEY = "sparsescope.version";

  /** Metadata key of what was done, in JSON: taps, thresholds, skipped. */
  public static final String REWRITE_KEY = "sparsescope.rewrite";

  private static final String VERSION =
      Optional.ofNullable(Rewriter.class.getPackage().getImplementationVersion())
          .orElse("development");

  private final Rules rules;
  private final boolean allowUnmatched;
  private final boolean describe;
  private final CountMode mode;
  private final boolean channels;

  /**
   * @param rules what to do where
   * @param allowUnmatched go on when a rule selects nothing, instead of throwing
   * @param describe say in the model's metadata what was done
   * @param mode what taps do with tensors that hold NaN
   * @param channels have taps count the elements of each channel, too, where the number of channels
   *     is known before the run and the graph counts the tensor ({@link Rewrite#CHANNELS})
   * @throws IllegalArgumentException if channels are to be counted in {@link CountMode#NATIVE},
   *     whose operators do not, or in {@link CountMode#TENSORS}
   */
  public Rewriter(
      Rules rules, boolean allowUnmatched, boolean describe, CountMode mode, boolean channels) {
    if (channels && mode == CountMode.NATIVE) {
      throw new IllegalArgumentException("native operators do not count channels");
    }
    if (channels && mode == CountMode.TENSORS) {
      throw new IllegalArgumentException("where tensors are read, no channels are counted");
    }
    this.rules = rules;
    this.allowUnmatched = allowUnmatched;
    this.describe = describe;
    this.mode = mode;
    this.channels = channels;
  }

  /** A rewriter whose taps do not count channels. */
  public Rewriter(Rules rules, boolean allowUnmatched, boolean describe, CountMode mode) {
    this(rules, allowUnmatched, describe, mode, false);
  }

  /** A rewriter whose taps count tensors with NaN, too ({@link CountMode#EXACT}). */
  public Rewriter(Rules rules, boolean allowUnmatched, boolean describe) {
    this(rules, allowUnmatched, describe, CountMode.EXACT);
  }

  /**
   * Plans without writing anything. Where no rule matches, the edit is empty.
   *
   * @throws RewriteException if a rule selects nothing or cannot be applied
   * @throws OnnxException if the model is not sound enough to be edited
   */
  public Rewrite plan(ModelFile model) {
    Workspace w = new Workspace(model);
    List<Candidate> activations = Candidates.activations(w.graph(), w.layers());
    Blocks blocks = Blocks.of(rules.blocks(), w.layers(), model.name(), allowUnmatched);

    placeWeights(w);
    ActivationTransforms transforms = new ActivationTransforms(w);
    select(w, rules.activations(), Rule::match, "activations", activations)
        .accept((c, rule) -> transforms.place(c.node(), c.tensor(), rule, "activation"));
    placeIntrinsic(w, transforms);
    placeGradients(w, transforms);
    Taps taps = new Taps(w, blocks, mode, channels);
    select(w, rules.taps(), Function.identity(), "taps", activations)
        .accept((c, pattern) -> taps.place(c.node(), c.tensor()));
    requireOneCounts(w, taps);
    List<Tap> placed = taps.finish();

    if (describe && !w.edit().isEmpty()) {
      w.edit().putMetadata(VERSION_KEY, VERSION);
      w.edit()
          .putMetadata(
              REWRITE_KEY,
              Description.json(placed, w.thresholds(), w.transformations(), w.skipped()));
    }
    w.edit().check();
    return new Rewrite(
        w.edit(),
        List.copyOf(placed),
        List.copyOf(w.thresholds()),
        List.copyOf(w.transformations()),
        Collections.unmodifiableMap(w.dense()),
        List.copyOf(w.skipped()),
        blocks.asMap(),
        taps.blockedLayout());
  }

  /** What is done with each candidate that a rule of a list selects. */
  private interface Selected<R> {
    void accept(BiConsumer<Candidate, R> action);
  }

  private <R> Selected<R> select(
      Workspace w,
      List<R> list,
      Function<R, String> pattern,
      String name,
      List<Candidate> candidates) {
    Selection<R> selection = new Selection<>(list, pattern);
    return action -> {
      if (list.isEmpty()) {
        return;
      }
      for (Candidate c : candidates) {
        Optional<R> rule = selection.select(Stream.of(c));
        if (rule.isPresent() && isInReach(w, c.node(), c.tensor())) {
          action.accept(c, rule.get());
        }
      }
      skipFunctions(w, selection, c -> true);
      if (!allowUnmatched) {
        selection.requireAllMatched(w.model().name(), name, candidates);
      }
    };
  }

  private static boolean isInReach(Workspace w, Node node, String tensor) {
    if (node.parent().isPresent()) {
      String reason = "it is in a subgraph of node " + node.parent().get().name();
      w.skipped().add(new Skip(node.name(), tensor, reason));
      return false;
    }
    if (w.constants().contains(tensor)) {
      w.skipped().add(new Skip(node.name(), tensor, "it is constant, no activation"));
      return false;
    }
    return true;
  }

  private static <R> void skipFunctions(
      Workspace w, Selection<R> selection, Predicate<Candidate> eligible) {
    for (Candidate c : Candidates.functions(w.model().functions())) {
      if (eligible.test(c) && selection.select(Stream.of(c)).isPresent()) {
        w.skipped().add(new Skip(c.node().name(), c.tensor(), "it is in a local function"));
      }
    }
  }

  private void placeWeights(Workspace w) {
    Selection<Rule> selection = new Selection<>(rules.weights(), Rule::match);
    if (selection.isEmpty()) {
      return;
    }
    WeightTransforms transforms = new WeightTransforms(w);
    List<Candidate> candidates = new ArrayList<>();
    for (Layer layer : w.layers().all()) {
      for (Weight weight : layer.weights()) {
        List<Candidate> names = Candidates.weight(layer, weight).toList();
        candidates.addAll(names);
        selection.select(names.stream()).ifPresent(rule -> transforms.place(layer, weight, rule));
      }
      for (Weight bias : layer.biases()) {
        selection
            .select(Candidates.weight(layer, bias), Rule::biases)
            .ifPresent(rule -> transforms.place(layer, bias, rule));
      }
    }
    skipInnerWeights(w, selection);
    if (!allowUnmatched) {
      selection.requireAllMatched(w.model().name(), "weights", candidates);
    }
    transforms.finish();
  }

  /** Inside a layer are the tensors that its nodes produce, but for its activation. */
  private void placeIntrinsic(Workspace w, ActivationTransforms transforms) {
    Selection<Rule> selection = new Selection<>(rules.intrinsic(), Rule::match);
    if (selection.isEmpty()) {
      return;
    }
    List<Candidate> candidates = new ArrayList<>();
    List<Layer> layers = w.layers().all().stream().filter(l -> !l.isEmbedding()).toList();
    for (Layer layer : layers) {
      Candidate candidate = Candidates.layer(layer);
      candidates.add(candidate);
      Optional<Rule> rule = selection.select(Stream.of(candidate));
      if (rule.isPresent()) {
        placeInside(w, layer, rule.get(), transforms);
      }
    }
    if (!allowUnmatched) {
      selection.requireAllMatched(w.model().name(), "intrinsic", candidates);
    }
  }

  private static void placeInside(
      Workspace w, Layer layer, Rule rule, ActivationTransforms transforms) {
    boolean any = false;
    for (Node node : layer.nodes()) {
      for (String output : node.proto().getOutputList()) {
        if (!output.isEmpty() && !output.equals(layer.activation())) {
          any = true;
          transforms.place(node, output, rule, "intrinsic");
        }
      }
    }
    if (!any) {
      String reason = "the layer is one node, with no tensor inside";
      w.skipped().add(new Skip(layer.mainNode().name(), layer.activation(), reason));
    }
  }

  private void placeGradients(Workspace w, ActivationTransforms transforms) {
    Selection<Rule> selection = new Selection<>(rules.gradients(), Rule::match);
    if (selection.isEmpty()) {
      return;
    }
    List<GradientTensors.Gradient> all = GradientTensors.of(w.graph(), w.layers());
    if (all.isEmpty() && !allowUnmatched) {
      throw new RewriteException(
          "model "
              + w.model().name()
              + " has no gradients: rules under gradients are for training (sparsescope train): take"
              + " them out, or allow rules that select nothing");
    }
    for (GradientTensors.Gradient gradient : all) {
      selection.selectBy(gradient::candidates).ifPresent(rule -> transforms.place(gradient, rule));
    }
    if (!allowUnmatched) {
      List<Candidate> candidates = all.stream().flatMap(g -> g.candidates().stream()).toList();
      selection.requireAllMatched(w.model().name(), "gradients", candidates);
    }
  }

  private static void skipInnerWeights(Workspace w, Selection<Rule> selection) {
    for (Candidate c : Candidates.activations(w.graph(), w.layers())) {
      boolean inner = c.node().parent().isPresent() && Layers.isMainOperator(c.node());
      if (inner && c.primary() && selection.select(Stream.of(c)).isPresent()) {
        isInReach(w, c.node(), "");
      }
    }
    skipFunctions(w, selection, c -> Layers.isMainOperator(c.node()));
  }

  private static void requireOneCounts(Workspace w, Taps taps) {
    boolean has =
        w.graph().outputs().stream().map(ValueInfoProto::getName).anyMatch(Rewrite.COUNTS::equals);
    if (has && taps.countsInGraph()) {
      throw new RewriteException(
          "model "
              + w.model().name()
              + " has taps already (output "
              + Rewrite.COUNTS
              + "): add taps to the model that it was made from");
    }
  }
}
