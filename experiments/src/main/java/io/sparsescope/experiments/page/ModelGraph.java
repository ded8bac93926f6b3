package io.sparsescope.experiments.page;

import io.sparsescope.experiments.page.LayerGraph.Edge;
import io.sparsescope.experiments.page.LayerGraph.Vertex;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.match.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes a {@link LayerGraph} of a model file: a layer is one vertex, as is every other node that
 * depends on the inputs. Bytes and multiplications are those of one record: dimensions that only a
 * run tells count as 1.
 */
final class ModelGraph {
  /** Operators that hand their first input's elements on as they are, zeros included. */
  private static final Set<String> PASSING =
      Set.of("Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Dropout");

  private final Graph graph;
  private final Constants constants;
  private final Layers layers;
  private final Map<String, List<Long>> shapes;
  private final Map<String, TapProfile> taps = new HashMap<>();
  private final Map<String, String> blocks = new HashMap<>();

  /** Nodes of one vertex, the last of which tells its place. */
  private record Group(Optional<Layer> layer, List<Node> nodes) {
    int last() {
      return nodes.get(nodes.size() - 1).index();
    }
  }

  private ModelGraph(ModelFile model, List<TapProfile> counted) {
    graph = model.graph();
    constants = new Constants(graph);
    layers = Layers.of(graph, constants);
    shapes = ShapeInference.infer(model);
    for (TapProfile tap : counted) {
      taps.put(tap.tensor(), tap);
      blocks.putIfAbsent(tap.layer(), tap.block());
    }
  }

  /**
   * @param taps what a profile knows of it; none for dense bytes alone
   * @param profile that profile's place on the page
   */
  static LayerGraph of(ModelFile model, String name, List<TapProfile> taps, int profile) {
    return new ModelGraph(model, taps).make(name, profile);
  }

  private LayerGraph make(String name, int profile) {
    List<Group> groups = groups();
    Map<String, Integer> maker = new HashMap<>();
    Map<Integer, Integer> vertexOfNode = new HashMap<>();
    List<Vertex> vertices = new ArrayList<>();
    for (ValueInfoProto input : graph.inputs()) {
      if (!constants.contains(input.getName()) && !graph.consumers(input.getName()).isEmpty()) {
        maker.put(input.getName(), vertices.size());
        vertices.add(new Vertex(input.getName(), "", "", "Input", input.getName(), 0, 0, ""));
      }
    }
    for (Group group : groups) {
      for (Node node : group.nodes()) {
        vertexOfNode.put(node.index(), vertices.size());
        for (String output : node.proto().getOutputList()) {
          maker.put(output, vertices.size());
        }
      }
      vertices.add(vertex(group));
    }
    List<Edge> edges = new ArrayList<>();
    maker.forEach((tensor, from) -> edges.addAll(edges(tensor, from, vertexOfNode)));
    edges.sort(
        Comparator.comparingInt(Edge::from).thenComparingInt(Edge::to).thenComparing(Edge::tensor));
    return new LayerGraph(name, profile, "record", looseInBlocks(vertices, edges), edges);
  }

  /** In the order of what they end with, which is one in which all come behind what they read. */
  private List<Group> groups() {
    Map<Object, List<Node>> byVertex = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      boolean computed =
          node.proto().getOutputList().stream()
              .anyMatch(out -> !out.isEmpty() && !constants.contains(out));
      if (computed) {
        Object key = layers.holding(node).<Object>map(Layer::name).orElse(node.index());
        byVertex.computeIfAbsent(key, k -> new ArrayList<>()).add(node);
      }
    }
    return byVertex.values().stream()
        .map(nodes -> new Group(layers.holding(nodes.get(0)), nodes))
        .sorted(Comparator.comparingInt(Group::last))
        .toList();
  }

  private Vertex vertex(Group group) {
    Node last = group.nodes().get(group.nodes().size() - 1);
    String op = group.nodes().stream().map(Node::op).collect(Collectors.joining(" + "));
    String tensor =
        last.proto().getOutputList().stream().filter(o -> !o.isEmpty()).findFirst().orElse("");
    if (group.layer().isEmpty()) {
      return new Vertex(last.name(), "", "", op, tensor, 0, 0, "");
    }
    Layer layer = group.layer().get();
    return new Vertex(
        layer.name(),
        layer.name(),
        blocks.getOrDefault(layer.name(), ""),
        op,
        layer.activation(),
        weights(layer),
        work(layer),
        LayerPattern.of(layer.name()));
  }

  /** Elements of a layer's weights; those that nodes make by their shape. */
  private long weights(Layer layer) {
    long sum = 0;
    for (Weight w : layer.weights()) {
      List<Long> made = shapes.getOrDefault(w.name(), List.of(0L));
      sum +=
          w.initializer()
              .map(Initializer::elements)
              .orElseGet(() -> made.stream().reduce(1L, (x, y) -> x * Math.max(0, y)));
    }
    return sum;
  }

  /** Each output position multiplies with all weights once; an embedding multiplies nothing. */
  private double work(Layer layer) {
    if (layer.isEmbedding()) {
      return 0;
    }
    Node main = layer.mainNode();
    boolean transposed = main.op().equals("ConvTranspose");
    String counted = transposed ? main.proto().getInput(0) : main.proto().getOutput(0);
    List<Long> shape = shapes.getOrDefault(counted, List.of());
    boolean convolves = main.op().contains("Conv");
    int channels = convolves ? 1 : shape.size() - 1;
    double positions = 1;
    for (int i = 0; i < shape.size(); i++) {
      positions *= i == channels ? 1 : Math.max(1, shape.get(i));
    }
    return positions * weights(layer);
  }

  private List<Edge> edges(String tensor, int from, Map<Integer, Integer> vertexOfNode) {
    Set<Integer> readers = new HashSet<>();
    for (Node reader : graph.consumers(tensor)) {
      Integer to = vertexOfNode.get(reader.index());
      if (to != null && to != from) {
        readers.add(to);
      }
    }
    if (readers.isEmpty()) {
      return List.of();
    }
    List<Long> shape = shapes.get(tensor);
    Double sparsity = sparsity(tensor);
    Long dense = null;
    Long sent = null;
    if (shape != null) {
      int bits = graph.type(tensor).map(TensorType::element).map(ElementType::bits).orElse(32);
      long elements = shape.stream().mapToLong(d -> Math.max(1, d)).reduce(1, (a, b) -> a * b);
      if (shape.contains(0L)) {
        elements = 0;
      }
      dense = (elements * bits + 7) / 8;
      sent = sparsity == null ? dense : LayerGraph.sentBytes(elements, dense, sparsity);
    }
    List<Edge> edges = new ArrayList<>();
    for (int to : readers) {
      edges.add(new Edge(from, to, tensor, text(shape), dense, sent, sparsity));
    }
    return edges;
  }

  private static String text(List<Long> shape) {
    return shape == null
        ? "shape not known"
        : shape.stream().map(d -> d < 0 ? "?" : d.toString()).collect(Collectors.joining(" × "));
  }

  /** As it was counted, or that of the tensor whose elements it hands on. */
  private Double sparsity(String tensor) {
    String now = tensor;
    for (int i = 0; i <= graph.nodes().size(); i++) {
      if (taps.containsKey(now)) {
        return taps.get(now).sparsity();
      }
      Optional<Node> maker = graph.producer(now);
      if (maker.isEmpty() || !maker.get().isStandard() || !PASSING.contains(maker.get().op())) {
        return null;
      }
      now = maker.get().proto().getInput(0);
    }
    return null;
  }

  /**
   * What lies outside layers is in the block that its name is in, or else in that of all that it
   * reads and all that read it.
   */
  private static List<Vertex> looseInBlocks(List<Vertex> vertices, List<Edge> edges) {
    String[] blocks = vertices.stream().map(Vertex::block).toArray(String[]::new);
    Set<String> known = new TreeSet<>(List.of(blocks));
    known.remove("");
    Map<Integer, Set<Integer>> around = new HashMap<>();
    for (Edge e : edges) {
      around.computeIfAbsent(e.to(), v -> new HashSet<>()).add(e.from());
      around.computeIfAbsent(e.from(), v -> new HashSet<>()).add(e.to());
    }
    List<Vertex> all = new ArrayList<>();
    for (int i = 0; i < blocks.length; i++) {
      Vertex v = vertices.get(i);
      if (v.layer().isEmpty() && !v.op().equals("Input")) {
        Set<String> near = new HashSet<>();
        around.getOrDefault(i, Set.of()).forEach(other -> near.add(blocks[other]));
        String common = near.size() == 1 ? near.iterator().next() : "";
        blocks[i] =
            known.stream()
                .filter(block -> ("/" + v.name()).contains("/" + block + "/"))
                .max(Comparator.comparingInt(String::length))
                .orElse(common);
      }
      all.add(
          new Vertex(
              v.name(),
              v.layer(),
              blocks[i],
              v.op(),
              v.tensor(),
              v.weights(),
              v.work(),
              v.pattern()));
    }
    return all;
  }
}
