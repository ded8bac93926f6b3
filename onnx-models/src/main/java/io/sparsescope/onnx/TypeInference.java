package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Works out element types and ranks in one pass over the nodes. What a graph declares goes before
 * what is worked out; what is not certain stays unknown.
 */
final class TypeInference {
  private final int opset;
  private final Set<String> functions;

  /**
   * @param opset version of ONNX's own operators
   * @param functions local functions, as {@link #operator} names them; nothing is known of them
   */
  TypeInference(int opset, Set<String> functions) {
    this.opset = opset;
    this.functions = functions;
  }

  /** Domain and name of an operator as one. */
  static String operator(String domain, String name) {
    return (domain.equals("ai.onnx") ? "" : domain) + "/" + name;
  }

  /** The operators that local functions define. */
  static Set<String> functions(List<FunctionProto> functions) {
    Set<String> names = new HashSet<>();
    for (FunctionProto function : functions) {
      names.add(operator(function.getDomain(), function.getName()));
    }
    return names;
  }

  /** Types of a model's initializers. */
  static Map<String, Known> initializers(ModelScan scan) {
    Map<String, Known> initializers = new HashMap<>();
    for (List<InitializerEntry> entries : List.of(scan.dense(), scan.sparse())) {
      for (InitializerEntry entry : entries) {
        Initializer initializer = entry.initializer();
        initializers.put(initializer.name(), Known.of(initializer.type(), initializer.dims()));
      }
    }
    return initializers;
  }

  /** Types of all tensors of a model's main graph. */
  Map<String, Known> infer(ModelScan scan) {
    List<ValueInfoProto> declared = new ArrayList<>(scan.valueInfos());
    declared.addAll(scan.outputs());
    declared.addAll(scan.inputs());
    return infer(scan.nodes(), declared, initializers(scan));
  }

  /**
   * Types of all tensors of a graph.
   *
   * @param declared value_infos, outputs and inputs; of several for one tensor the last one counts
   */
  Map<String, Known> infer(
      List<NodeProto> nodes, List<ValueInfoProto> declared, Map<String, Known> initializers) {
    Scope scope = new Scope(null);
    declare(scope, declared);
    scope.known.putAll(initializers);
    nodes.forEach(node -> visit(node, scope));
    return scope.known;
  }

  private static void declare(Scope scope, List<ValueInfoProto> infos) {
    for (ValueInfoProto info : infos) {
      scope.known.merge(info.getName(), Known.of(info), (old, found) -> found.or(old));
    }
  }

  private void visit(NodeProto node, Scope scope) {
    List<Known> found = outputs(node, scope);
    for (int i = 0; i < Math.min(found.size(), node.getOutputCount()); i++) {
      String name = node.getOutput(i);
      if (!name.isEmpty()) {
        scope.known.merge(name, found.get(i), Known::or);
      }
    }
  }

  private List<Known> outputs(NodeProto node, Scope scope) {
    if (functions.contains(operator(node.getDomain(), node.getOpType()))) {
      return List.of();
    }
    Inputs in = new Inputs(node, opset, scope::of);
    return switch (node.getDomain()) {
      case "", "ai.onnx" ->
          switch (node.getOpType()) {
            case "If", "Loop", "Scan" -> control(node, scope);
            default -> StandardTypes.outputs(in);
          };
      case "com.microsoft" -> MicrosoftTypes.outputs(in);
      case "ai.onnx.ml" -> ClassicTypes.outputs(in);
      default -> List.of();
    };
  }

  private List<Known> control(NodeProto node, Scope scope) {
    Inputs in = new Inputs(node, opset, scope::of);
    List<List<Known>> bodies = new ArrayList<>();
    Subgraphs.forEach(node, (attribute, graph) -> bodies.add(body(node, graph, in, scope)));
    if (bodies.isEmpty()) {
      return List.of();
    }
    return switch (node.getOpType()) {
      case "If" -> bothBranches(bodies);
      case "Loop" -> carried(bodies.get(0), 1, in.count() - 2, in, 2);
      default -> scanned(bodies.get(0), in);
    };
  }

  private static List<Known> bothBranches(List<List<Known>> bodies) {
    List<Known> both = new ArrayList<>(bodies.get(0));
    for (List<Known> other : bodies.subList(1, bodies.size())) {
      for (int i = 0; i < both.size(); i++) {
        both.set(i, i < other.size() ? both.get(i).and(other.get(i)) : Known.NOTHING);
      }
    }
    return both;
  }

  /** Outputs of a Loop: carried values keep their type, what is scanned gains an axis. */
  private static List<Known> carried(
      List<Known> body, int skipped, int carried, Inputs in, int firstInput) {
    List<Known> outputs = new ArrayList<>();
    for (int i = skipped; i < body.size(); i++) {
      Known inside = body.get(i);
      int place = i - skipped;
      if (place < carried) {
        // Its shape may change from round to round.
        ElementType element = in.element(firstInput + place);
        outputs.add(Known.of(element == ElementType.UNDEFINED ? inside.element() : element));
      } else {
        outputs.add(Known.of(inside.element(), Ranks.add(inside.rank(), 1)));
      }
    }
    return outputs;
  }

  private static List<Known> scanned(List<Known> body, Inputs in) {
    if (in.opset() < 9) {
      // Version 8 has a batch axis and an input more; only element types are the same.
      return body.stream().map(known -> Known.of(known.element())).toList();
    }
    int states = (int) Math.max(0, in.count() - in.integer("num_scan_inputs", 0));
    List<Known> outputs = new ArrayList<>();
    for (int i = 0; i < body.size(); i++) {
      Known inside = body.get(i);
      outputs.add(
          i < states
              ? Known.of(inside.element(), inside.rank())
              : Known.of(inside.element(), Ranks.add(inside.rank(), 1)));
    }
    return outputs;
  }

  private List<Known> body(NodeProto node, GraphProto graph, Inputs in, Scope around) {
    Scope scope = new Scope(around);
    declare(scope, graph.getValueInfoList());
    declare(scope, graph.getOutputList());
    declare(scope, graph.getInputList());
    if (!node.getOpType().equals("If")) {
      passElements(node, graph, in, scope);
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      scope.known.put(
          tensor.getName(), Known.of(ElementType.of(tensor.getDataType()), tensor.getDimsList()));
    }
    for (SparseTensorProto tensor : graph.getSparseInitializerList()) {
      scope.known.put(
          tensor.getValues().getName(),
          Known.of(ElementType.of(tensor.getValues().getDataType()), tensor.getDimsList()));
    }
    graph.getNodeList().forEach(inner -> visit(inner, scope));
    return graph.getOutputList().stream().map(output -> scope.of(output.getName())).toList();
  }

  /** Inputs of a body that do not declare their element type have that of the outer input. */
  private static void passElements(NodeProto node, GraphProto graph, Inputs in, Scope scope) {
    int shift = node.getOpType().equals("Scan") && in.opset() < 9 ? 1 : 0;
    for (int i = 0; i < graph.getInputCount(); i++) {
      scope.known.merge(graph.getInput(i).getName(), Known.of(in.element(i + shift)), Known::or);
    }
  }

  /** What is known of names in a graph and around it. */
  private static final class Scope {
    private final Scope around;
    private final Map<String, Known> known = new HashMap<>();

    Scope(Scope around) {
      this.around = around;
    }

    Known of(String name) {
      for (Scope scope = this; scope != null; scope = scope.around) {
        Known found = scope.known.get(name);
        if (found != null) {
          return found;
        }
      }
      return Known.NOTHING;
    }
  }
}
