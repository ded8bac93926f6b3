package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the weights and biases that nodes read. */
final class WeightFinder {
  private final Graph graph;
  private final Constants constants;

  WeightFinder(Graph graph, Constants constants) {
    this.graph = graph;
    this.constants = constants;
  }

  List<Weight> weights(Node main) {
    Operators.Main inputs = Operators.main(main);
    return read(main, inputs.weights(), inputs.needsWeights(), inputs.quantized());
  }

  /**
   * The biases of a main node and of the nodes that follow it.
   *
   * @param nodes the main node first
   */
  List<Weight> biases(List<Node> nodes) {
    Node main = nodes.get(0);
    List<Weight> own = read(main, Operators.main(main).biases(), false, false);
    return own.isEmpty() ? added(nodes) : own;
  }

  /** The tables that a node looks rows up in; none if it is no embedding. */
  List<Weight> tables(Node node) {
    Operators.Main inputs = Operators.embedding(node);
    boolean none =
        inputs == null
            || (node.op().equals("Gather") && (axis(node) != 0 || !isTable(node)))
            || outputOf(node).filter(o -> !constants.contains(o)).isEmpty();
    if (none) {
      return List.of();
    }
    return read(node, inputs.weights(), false, inputs.quantized() || dequantizer(node).isPresent());
  }

  /** The node that makes floats of rows that were looked up in a table of integers. */
  Optional<Node> dequantizer(Node lookup) {
    List<Node> consumers = outputOf(lookup).map(graph::consumers).orElse(List.of());
    boolean one =
        consumers.size() == 1
            && lookup.op().equals("Gather")
            && consumers.get(0).op().equals("DequantizeLinear")
            && consumers.get(0).proto().getInput(0).equals(outputOf(lookup).get());
    return one ? Optional.of(consumers.get(0)) : Optional.empty();
  }

  /** Shapes and indices are gathered from, too: a table has columns, of floats in the end. */
  private boolean isTable(Node gather) {
    String tensor = gather.proto().getInput(0);
    Optional<Constants.Source> source = constants.source(tensor);
    Optional<TensorType> type = graph.type(tensor);
    int rank =
        source
            .flatMap(Constants.Source::initializer)
            .map(i -> i.dims().size())
            .orElse(type.isPresent() ? type.get().rank().orElse(0) : 0);
    ElementType element =
        type.map(TensorType::element)
            .or(() -> source.flatMap(Constants.Source::initializer).map(Initializer::type))
            .orElse(ElementType.UNDEFINED);
    return source.isPresent()
        && rank >= 2
        && (element.isFloat() || dequantizer(gather).isPresent());
  }

  private static long axis(Node gather) {
    return gather.proto().getAttributeList().stream()
        .filter(a -> a.getName().equals("axis"))
        .mapToLong(AttributeProto::getI)
        .findFirst()
        .orElse(0);
  }

  /** A constant that is added right behind the main node, if it is more than a number. */
  private List<Weight> added(List<Node> nodes) {
    String tip = outputOf(nodes.get(0)).orElse("");
    for (Node next : nodes.subList(1, nodes.size())) {
      boolean follows = next.proto().getInputList().contains(tip);
      boolean rescales = next.op().equals("Mul") && nodes.get(0).op().endsWith("Integer");
      if (follows && isAddition(next)) {
        return read(next, operands(next, tip), true, false).stream().filter(this::isLong).toList();
      }
      if (!follows || !(rescales || Operators.isNeutral(next))) {
        break;
      }
      tip = outputOf(next).orElse("");
    }
    return List.of();
  }

  private static boolean isAddition(Node node) {
    return switch (Candidate.op(node)) {
      case "Add", "com.microsoft/BiasAdd", "com.microsoft/BiasGelu", "com.microsoft/FastGelu" ->
          true;
      default -> false;
    };
  }

  private static List<Integer> operands(Node addition, String other) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < Math.min(2, addition.proto().getInputCount()); i++) {
      if (!addition.proto().getInput(i).equals(other)) {
        all.add(i);
      }
    }
    return all;
  }

  private boolean isLong(Weight bias) {
    return bias.initializer().isPresent()
        ? bias.initializer().get().elements() > 1
        : graph.type(bias.name()).filter(t -> t.rank().orElse(0) > 0).isPresent();
  }

  private List<Weight> read(Node reader, List<Integer> inputs, boolean oneOnly, boolean quantized) {
    List<Weight> found = new ArrayList<>();
    boolean alternatives = oneOnly || reader.op().endsWith("Gemm");
    for (int i : constantInputs(reader, inputs, alternatives)) {
      String tensor = reader.proto().getInput(i);
      Constants.Source s =
          constants
              .source(tensor)
              .orElse(new Constants.Source(tensor, Optional.empty(), quantized));
      boolean integers = quantized || s.quantized();
      found.add(new Weight(s.name(), s.initializer(), reader, tensor, i, integers, false));
    }
    return found;
  }

  /** Which of the inputs are constant; the first such only, if they are alternatives. */
  List<Integer> constantInputs(Node node, List<Integer> inputs, boolean alternatives) {
    List<Integer> found = new ArrayList<>();
    for (int i : inputs) {
      if (i < node.proto().getInputCount() && constants.contains(node.proto().getInput(i))) {
        found.add(i);
        if (alternatives) {
          break;
        }
      }
    }
    return found;
  }

  static Optional<String> outputOf(Node node) {
    return node.proto().getOutputList().stream().filter(o -> !o.isEmpty()).findFirst();
  }
}
