package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks a graph as it will be written, in time linear in its size. */
final class GraphCheck {
  private final ModelFile model;
  private final Changes changes;
  private final List<NodeProto> nodes = new ArrayList<>();
  private final List<NodeProto> added = new ArrayList<>();
  private final List<NodeProto> exchanged = new ArrayList<>();

  GraphCheck(ModelFile model, Changes changes) {
    this.model = model;
    this.changes = changes;
  }

  /**
   * @throws OnnxException naming the first thing that is wrong
   */
  void run() {
    layOut();
    Scope scope = new Scope(null);
    declareInputs(scope);
    declareInitializers(scope);
    checkNodes(scope);
    for (List<ValueInfoProto> outputs : List.of(model.scan().outputs(), changes.outputs)) {
      for (ValueInfoProto output : outputs) {
        if (!scope.knows(output.getName())) {
          throw wrong("output '" + text(output.getName()) + "' is not produced by any node");
        }
      }
    }
    checkOutputsOnce();
    checkNewNodes();
    if (!changes.isEmpty()) {
      checkTypes();
    }
  }

  private void layOut() {
    nodes.addAll(changes.first);
    added.addAll(changes.first);
    List<NodeProto> before = model.scan().nodes();
    for (int i = 0; i < before.size(); i++) {
      NodeProto edited = changes.edited.get(i);
      nodes.add(edited == null ? before.get(i) : edited);
      if (edited != null && !sameOperator(edited, before.get(i))) {
        exchanged.add(edited);
      }
      List<NodeProto> behind = changes.behind.getOrDefault(i, List.of());
      nodes.addAll(behind);
      added.addAll(behind);
    }
    nodes.addAll(changes.last);
    added.addAll(changes.last);
  }

  private static boolean sameOperator(NodeProto one, NodeProto other) {
    return one.getOpType().equals(other.getOpType()) && one.getDomain().equals(other.getDomain());
  }

  private void declareInputs(Scope scope) {
    Set<String> seen = new HashSet<>();
    for (List<ValueInfoProto> inputs : List.of(model.scan().inputs(), changes.inputs)) {
      for (ValueInfoProto input : inputs) {
        if (!seen.add(input.getName())) {
          throw wrong("input '" + text(input.getName()) + "' is listed twice");
        }
        scope.declare(input.getName());
      }
    }
  }

  /** An initializer may have the name of an input, but not of another initializer. */
  private void declareInitializers(Scope scope) {
    Set<String> seen = new HashSet<>();
    List<String> names = new ArrayList<>();
    model.scan().dense().forEach(entry -> names.add(entry.initializer().name()));
    model.scan().sparse().forEach(entry -> names.add(entry.initializer().name()));
    for (TensorProto tensor : changes.initializers) {
      names.add(tensor.getName());
    }
    for (String name : names) {
      if (!seen.add(name)) {
        throw wrong("initializer '" + text(name) + "' is there twice");
      }
      scope.declare(name);
    }
  }

  private void checkNodes(Scope scope) {
    for (NodeProto node : nodes) {
      for (String input : node.getInputList()) {
        if (!input.isEmpty() && !scope.knows(input)) {
          throw undefined(node, input);
        }
      }
      Subgraphs.forEach(node, (attribute, graph) -> checkSubgraph(node, graph, scope));
      declareOutputs(node, scope);
    }
  }

  private void checkSubgraph(NodeProto outer, GraphProto graph, Scope around) {
    Scope scope = new Scope(around);
    graph.getInputList().forEach(input -> scope.declare(input.getName()));
    Subgraphs.initializerNames(graph).forEach(scope::declare);
    for (NodeProto node : graph.getNodeList()) {
      for (String input : node.getInputList()) {
        if (!input.isEmpty() && !scope.knows(input)) {
          throw undefined(outer, input);
        }
      }
      Subgraphs.forEach(node, (attribute, inner) -> checkSubgraph(outer, inner, scope));
      declareOutputs(node, scope);
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      if (!scope.knows(output.getName())) {
        throw wrong(
            "output '"
                + text(output.getName())
                + "' of a subgraph of "
                + named(outer)
                + " is not produced");
      }
    }
  }

  private void declareOutputs(NodeProto node, Scope scope) {
    for (String output : node.getOutputList()) {
      if (!output.isEmpty() && !scope.declare(output)) {
        throw wrong(
            "tensor '" + text(output) + "' that " + named(node) + " produces is there already");
      }
    }
  }

  /** A tensor is read that is not there yet: never, later, or in a cycle. */
  private OnnxException undefined(NodeProto node, String tensor) {
    NodeProto producer = null;
    for (NodeProto other : nodes) {
      if (other.getOutputList().contains(tensor)) {
        producer = other;
      }
    }
    String reads = named(node) + " reads '" + text(tensor) + "'";
    if (producer == null) {
      return wrong(reads + ", which nothing produces");
    }
    return Cycles.find(nodes)
        .map(
            cyclic -> wrong("the graph is cyclic: " + named(cyclic) + " depends on its own output"))
        .orElseGet(() -> wrong(reads + " before " + named(producerOf(tensor)) + " produces it"));
  }

  private NodeProto producerOf(String tensor) {
    return nodes.stream()
        .filter(node -> node.getOutputList().contains(tensor))
        .findFirst()
        .orElseThrow();
  }

  private void checkOutputsOnce() {
    Set<String> seen = new HashSet<>();
    for (List<ValueInfoProto> outputs : List.of(model.scan().outputs(), changes.outputs)) {
      for (ValueInfoProto output : outputs) {
        if (!seen.add(output.getName())) {
          throw wrong("output '" + text(output.getName()) + "' is listed twice");
        }
      }
    }
  }

  /** Names of old nodes may repeat, those of new ones not; their operators must be known. */
  private void checkNewNodes() {
    Set<String> names = new HashSet<>();
    model.scan().nodes().forEach(node -> names.add(node.getName()));
    Set<String> functions = TypeInference.functions(model.functions());
    for (NodeProto node : added) {
      if (!node.getName().isEmpty() && !names.add(node.getName())) {
        throw wrong("the name of the new " + named(node) + " is taken");
      }
    }
    for (List<NodeProto> news : List.of(added, exchanged)) {
      for (NodeProto node : news) {
        if (!functions.contains(TypeInference.operator(node.getDomain(), node.getOpType()))) {
          checkOperator(node);
        }
      }
    }
  }

  /** Types that the edit brings together must fit; those of the model itself are believed. */
  private void checkTypes() {
    TypeCheck types = new TypeCheck(inferTypes());
    for (List<NodeProto> news : List.of(added, List.copyOf(changes.edited.values()))) {
      for (NodeProto node : news) {
        types
            .inputs(node)
            .ifPresent(
                wrong -> {
                  throw wrong(named(node) + " gets mixed types: " + wrong);
                });
      }
    }
    for (ValueInfoProto output : changes.outputs) {
      types
          .output(output)
          .ifPresent(
              wrong -> {
                throw wrong("a new output is declared with another type: " + wrong);
              });
    }
  }

  private Map<String, Known> inferTypes() {
    Map<String, Known> initializers = TypeInference.initializers(model.scan());
    for (TensorProto tensor : changes.initializers) {
      initializers.put(
          tensor.getName(), Known.of(ElementType.of(tensor.getDataType()), tensor.getDimsList()));
    }
    List<ValueInfoProto> declared = new ArrayList<>(model.scan().valueInfos());
    declared.addAll(model.scan().outputs());
    declared.addAll(model.scan().inputs());
    declared.addAll(changes.inputs);
    return new TypeInference(model.opset(""), TypeInference.functions(model.functions()))
        .infer(nodes, declared, initializers);
  }

  private void checkOperator(NodeProto node) {
    int opset = changes.opsets.getOrDefault(node.getDomain(), model.opset(node.getDomain()));
    if (opset == 0) {
      throw wrong(
          "the new "
              + named(node)
              + " is of the domain '"
              + text(node.getDomain())
              + "', which the model does not import");
    }
    boolean standard = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
    int since = standard ? Operators.since(node.getOpType()) : 0;
    if (since > opset) {
      throw wrong(
          "the new "
              + named(node)
              + " is a "
              + node.getOpType()
              + ", which needs opset "
              + since
              + "; the model has "
              + opset);
    }
  }

  private OnnxException wrong(String what) {
    String remedy =
        changes.isEmpty() ? "; export the model again" : "; leave out what the edit does there";
    return new OnnxException(model.name() + ": " + what + remedy);
  }

  private static String named(NodeProto node) {
    return "node '" + text(Node.nameOf(node)) + "' (" + text(node.getOpType()) + ")";
  }

  private static String text(String name) {
    return Failures.oneLine(name);
  }

  /** Names that are defined so far, in a graph and around it. */
  private static final class Scope {
    private final Scope around;
    private final Set<String> names = new HashSet<>();

    Scope(Scope around) {
      this.around = around;
    }

    /** Returns whether the name is new in this graph; those around it may be hidden. */
    boolean declare(String name) {
      return names.add(name);
    }

    boolean knows(String name) {
      for (Scope scope = this; scope != null; scope = scope.around) {
        if (scope.names.contains(name)) {
          return true;
        }
      }
      return false;
    }
  }
}
