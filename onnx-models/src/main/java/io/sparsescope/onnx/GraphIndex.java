package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The main graph with its links, built in one pass; types are worked out at the first question. */
final class GraphIndex implements Graph {
  private final ModelScan scan;
  private final List<Node> nodes;
  private final List<Node> allNodes;
  private final Map<String, Initializer> initializers = new LinkedHashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();
  private final Set<String> outputNames = new HashSet<>();
  private volatile Map<String, Known> types;

  GraphIndex(ModelScan scan, String model) {
    this.scan = scan;
    List<Node> main = new ArrayList<>(scan.nodes().size());
    List<Node> all = new ArrayList<>(scan.nodes().size());
    InnerNodes inner = new InnerNodes(model, all);
    for (NodeProto proto : scan.nodes()) {
      Node node = new Node(Node.nameOf(proto), main.size(), proto, Optional.empty());
      main.add(node);
      all.add(node);
      inner.add(node);
      link(node);
    }
    nodes = Collections.unmodifiableList(main);
    allNodes = Collections.unmodifiableList(all);
    scan.dense().forEach(entry -> addInitializer(entry.initializer()));
    scan.sparse().forEach(entry -> addInitializer(entry.initializer()));
    scan.outputs().forEach(output -> outputNames.add(output.getName()));
  }

  private void addInitializer(Initializer initializer) {
    initializers.put(initializer.name(), initializer);
  }

  private void link(Node node) {
    for (String output : node.proto().getOutputList()) {
      if (!output.isEmpty()) {
        producers.putIfAbsent(output, node);
      }
    }
    for (String input : Subgraphs.reads(node.proto())) {
      consumers.computeIfAbsent(input, name -> new ArrayList<>(2)).add(node);
    }
  }

  @Override
  public String name() {
    return scan.graphName();
  }

  @Override
  public List<Node> nodes() {
    return nodes;
  }

  @Override
  public List<Node> allNodes() {
    return allNodes;
  }

  @Override
  public List<ValueInfoProto> inputs() {
    return scan.inputs();
  }

  @Override
  public List<ValueInfoProto> outputs() {
    return scan.outputs();
  }

  @Override
  public Map<String, Initializer> initializers() {
    return Collections.unmodifiableMap(initializers);
  }

  @Override
  public Optional<Node> producer(String tensor) {
    return Optional.ofNullable(producers.get(tensor));
  }

  @Override
  public List<Node> consumers(String tensor) {
    return Collections.unmodifiableList(consumers.getOrDefault(tensor, List.of()));
  }

  @Override
  public boolean isOutput(String tensor) {
    return outputNames.contains(tensor);
  }

  @Override
  public Optional<TensorType> type(String tensor) {
    Map<String, Known> known = types;
    if (known == null) {
      // Two threads may both work it out; they find the same.
      known = inferTypes();
      types = known;
    }
    return Optional.ofNullable(known.get(tensor)).flatMap(Known::tensorType);
  }

  private Map<String, Known> inferTypes() {
    int opset = ModelFile.opset(scan.header().getOpsetImportList(), "");
    return new TypeInference(opset, TypeInference.functions(scan.functions())).infer(scan);
  }
}
