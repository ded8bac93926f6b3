package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of a model's main graph.
 *
 * <p>A layer's nodes are its main node and the element-wise nodes behind it (bias, normalization,
 * activation, and what brings integers back to floats), as long as each tensor has one consumer and
 * is no output of the graph. Two cases are neither chain nor branch:
 *
 * <ul>
 *   <li>an activation or normalization written out in several nodes, such as {@code x *
 *       sigmoid(x)}: the branches meet again in one tensor, which the layer goes on with
 *   <li>a residual addition, whose operands are both computed: it belongs to the layer that reaches
 *       it last, that is by the most layers from the graph's inputs, by file order where that is
 *       equal. In a ResNet unit this is the unit's last convolution, and its activation is the
 *       unit's output behind addition and ReLU
 * </ul>
 *
 * Casts, reshapes, quantization and dropout are passed through but never end a layer.
 *
 * <p>Embeddings are layers by their weights only: they do not change what other layers are, and no
 * tensor ends in one.
 */
public final class Layers {
  private final List<Layer> all;
  private final Map<String, Layer> byActivation = new HashMap<>();
  private final Map<Integer, Layer> byNode = new HashMap<>();

  private Layers(List<Layer> layers) {
    all = List.copyOf(layers);
    for (Layer l : all) {
      if (!l.isEmbedding()) {
        byActivation.put(l.activation(), l);
      }
      for (Node n : l.nodes()) {
        byNode.put(n.index(), l);
      }
    }
  }

  /** Finds a model's layers. */
  public static Layers of(ModelFile model) {
    return of(model.graph(), new Constants(model.graph()));
  }

  /** Finds a graph's layers, in the order of their main nodes. */
  public static Layers of(Graph graph, Constants constants) {
    return new Layers(new Finder(graph, constants).find());
  }

  /** In the order of their main nodes in the file. */
  public List<Layer> all() {
    return all;
  }

  /** The layer whose activation the tensor is; never an embedding. */
  public Optional<Layer> endingIn(String tensor) {
    return Optional.ofNullable(byActivation.get(tensor));
  }

  /** The layer that a node of the main graph belongs to. */
  public Optional<Layer> holding(Node node) {
    return node.parent().isPresent()
        ? Optional.empty()
        : Optional.ofNullable(byNode.get(node.index()));
  }

  /** Whether a node is of an operator that begins a layer, wherever it stands. */
  public static boolean isMainOperator(Node node) {
    return Operators.main(node) != null;
  }

  /** Finds layers: main nodes first, then what follows each. */
  private static final class Finder {
    /** As exporters end a main node's name: Conv, MatMul_1, MatMul_quant. */
    private static final java.util.regex.Pattern OPERATOR_SEGMENT =
        java.util.regex.Pattern.compile(
            "(Conv([123]D)?|ConvTranspose|Gemm|MatMul|RNN|LSTM|GRU|Attention|Gather|EmbedLayerNormalization)(_\\w+)?");

    private final Graph graph;
    private final Constants constants;
    private final WeightFinder weights;
    private final Map<Integer, Integer> depth = new HashMap<>();
    private final Map<Integer, Node> mains = new LinkedHashMap<>();

    Finder(Graph graph, Constants constants) {
      this.graph = graph;
      this.constants = constants;
      weights = new WeightFinder(graph, constants);
    }

    List<Layer> find() {
      for (Node n : graph.nodes()) {
        if (isMain(n)) {
          mains.put(n.index(), n);
        }
        depth.put(n.index(), depthBefore(n) + (mains.containsKey(n.index()) ? 1 : 0));
      }
      Map<Integer, Chain> chains = chains();
      Set<String> names = new HashSet<>();
      List<Layer> layers = new ArrayList<>();
      chains.forEach((index, c) -> layers.add(layer(mains.get(index), c, names)));
      // Behind the others, so that they do not take a name from one.
      graph.nodes().forEach(n -> embedding(n, names).ifPresent(layers::add));
      layers.sort(Comparator.comparingInt(l -> l.mainNode().index()));
      return markShared(layers);
    }

    private boolean isMain(Node node) {
      Operators.Main main = Operators.main(node);
      return main != null
          && WeightFinder.outputOf(node).isPresent()
          && !constants.contains(WeightFinder.outputOf(node).get())
          && (!main.needsWeights()
              || !weights.constantInputs(node, main.weights(), true).isEmpty());
    }

    /**
     * Follows every main node to the first residual addition, lets the last to reach each addition
     * have it, and goes on until nobody moves.
     */
    private Map<Integer, Chain> chains() {
      Map<Integer, Chain> chains = new LinkedHashMap<>();
      mains.forEach(
          (i, n) -> chains.put(i, new Chain(graph, constants, n, WeightFinder.outputOf(n).get())));
      boolean moved = true;
      while (moved) {
        chains.values().forEach(Chain::follow);
        Map<Integer, Chain> owners = new LinkedHashMap<>();
        for (Chain c : chains.values()) {
          c.join().ifPresent(j -> owners.merge(j.index(), c, this::later));
        }
        moved = !owners.isEmpty();
        for (Chain c : chains.values()) {
          c.join().ifPresent(j -> c.settle(owners.get(j.index()) == c));
        }
      }
      return chains;
    }

    private Chain later(Chain a, Chain b) {
      int da = depth.get(a.main().index());
      int db = depth.get(b.main().index());
      if (da != db) {
        return da > db ? a : b;
      }
      return a.main().index() > b.main().index() ? a : b;
    }

    private int depthBefore(Node node) {
      int d = 0;
      for (String input : node.proto().getInputList()) {
        d = Math.max(d, graph.producer(input).map(p -> depth.getOrDefault(p.index(), 0)).orElse(0));
      }
      return d;
    }

    private Layer layer(Node main, Chain chain, Set<String> names) {
      return new Layer(
          uniqueName(main, names),
          main,
          chain.nodes(),
          chain.end(),
          weights.weights(main),
          weights.biases(chain.nodes()));
    }

    private Optional<Layer> embedding(Node node, Set<String> names) {
      List<Weight> tables = weights.tables(node);
      if (tables.isEmpty()) {
        return Optional.empty();
      }
      List<Node> nodes = new ArrayList<>(List.of(node));
      weights.dequantizer(node).ifPresent(nodes::add);
      String rows = WeightFinder.outputOf(nodes.get(nodes.size() - 1)).orElseThrow();
      return Optional.of(new Layer(uniqueName(node, names), node, nodes, rows, tables, List.of()));
    }

    private static String uniqueName(Node main, Set<String> names) {
      String name = Glob.normalize(main.name());
      int slash = name.lastIndexOf('/');
      String last = name.substring(slash + 1);
      if (slash > 0 && OPERATOR_SEGMENT.matcher(last).matches()) {
        name = name.substring(0, slash);
      }
      String unique = name;
      for (int i = 2; !names.add(unique); i++) {
        unique = name + "#" + i;
      }
      return unique;
    }

    private static List<Layer> markShared(List<Layer> layers) {
      Set<String> once = new HashSet<>();
      Set<String> again = new LinkedHashSet<>();
      for (Layer l : layers) {
        for (Weight w : l.weights()) {
          if (!once.add(w.name())) {
            again.add(w.name());
          }
        }
      }
      return layers.stream().map(l -> withShared(l, again)).toList();
    }

    private static Layer withShared(Layer l, Set<String> shared) {
      List<Weight> weights =
          l.weights().stream()
              .map(w -> shared.contains(w.name()) ? w.sharedWithOthers() : w)
              .toList();
      return new Layer(l.name(), l.mainNode(), l.nodes(), l.activation(), weights, l.biases());
    }
  }
}
