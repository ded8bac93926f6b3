package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finishes a step graph: L1 and L2 terms, outputs, and the model around it. */
final class StepFinish {
  private final StepGraph step;
  private final Objective objective;
  private final List<Parameter> parameters;
  private final List<Statistic> statistics;
  private final String output;
  private final List<String> terms = new ArrayList<>();

  StepFinish(
      StepGraph step,
      Objective objective,
      List<Parameter> parameters,
      List<Statistic> statistics,
      String output) {
    this.step = step;
    this.objective = objective;
    this.parameters = parameters;
    this.statistics = statistics;
    this.output = output;
  }

  /**
   * @param data the loss's data term
   */
  Gradients finish(String data) {
    terms.add(data);
    for (Parameter parameter : parameters) {
      if (parameter.kind() == Parameter.Kind.WEIGHT) {
        addTerms(parameter);
      }
      if (!step.hasGradient(parameter.name())) {
        step.give(parameter.name(), zeros(parameter));
      }
      step.gradient(parameter.name());
    }
    step.opTo(
        step.reserve(Gradients.LOSS), "loss/total", "Sum", List.of(), terms.toArray(String[]::new));
    for (Statistic statistic : statistics) {
      String next = step.next().get(statistic.name());
      step.opTo(step.reserve(statistic.next()), statistic.next(), "Identity", List.of(), next);
    }
    step.innermost().ifPresent(this::bringBack);
    Set<String> innermost =
        step.innermost().map(i -> Set.copyOf(i.names().values())).orElse(Set.of());
    return new Gradients(
        model(), objective, parameters, statistics, step.masks(), innermost, output);
  }

  /** What the step graph puts out. */
  private void bringBack(BatchInnermost innermost) {
    step.forwardProto().getGraph().getOutputList().forEach(o -> innermost.bringBack(o.getName()));
    parameters.forEach(p -> innermost.bringBack(p.gradient()));
  }

  private void addTerms(Parameter parameter) {
    String weight = parameter.name();
    int rank = parameter.dims().size();
    if (objective.l1() > 0) {
      String sum = op("l1", "ReduceSum", op("l1", "Abs", weight));
      terms.add(op("l1", "Mul", sum, step.scalar(objective.l1())));
      step.give(
          weight, op("l1", "Mul", op("l1", "Sign", weight), step.scalar(objective.l1(), rank)));
    }
    if (objective.l2() > 0) {
      String sum = op("l2", "ReduceSumSquare", weight);
      terms.add(op("l2", "Mul", sum, step.scalar(objective.l2() / 2)));
    }
    Double decay = step.decays().get(weight);
    if (decay != null) {
      step.give(weight, op("l2", "Mul", weight, step.scalar(decay, rank)));
    }
  }

  private String op(String term, String type, String... inputs) {
    String wanted = Gradients.LOSS + "/" + term + "/" + type;
    List<AttributeProto> attributes =
        type.startsWith("ReduceSum") ? List.of(Nodes.integer("keepdims", 0)) : List.of();
    return step.ops(wanted, type, 1, attributes, inputs).get(0);
  }

  private String zeros(Parameter parameter) {
    String shape = step.int64s(dims(parameter.dims()));
    return step.ops(parameter.gradient() + "/zeros", "ConstantOfShape", 1, List.of(), shape).get(0);
  }

  private ModelProto model() {
    GraphProto.Builder graph = step.forwardProto().getGraph().toBuilder();
    graph.clearNode().clearValueInfo().addAllNode(step.nodes());
    graph.clearInitializer().addAllInitializer(constants()).addAllInput(step.inputs());
    graph.addOutput(Values.tensor(Gradients.LOSS, ElementType.FLOAT));
    for (Parameter p : parameters) {
      graph.addOutput(Values.tensor(p.gradient(), ElementType.FLOAT, dims(p.dims())));
    }
    for (Statistic s : statistics) {
      graph.addOutput(Values.tensor(s.next(), ElementType.FLOAT, dims(s.initializer().dims())));
    }
    return step.forwardProto().toBuilder().setGraph(graph).build();
  }

  /** The constants that training reads: a Dropout's ratio, for one, it does not. */
  private List<TensorProto> constants() {
    Set<String> read = new HashSet<>();
    GraphProto forward = step.forwardProto().getGraph();
    step.nodes().forEach(n -> read.addAll(n.getInputList()));
    forward.getOutputList().forEach(o -> read.add(o.getName()));
    boolean inner = step.forward().graph().allNodes().size() > forward.getNodeCount();
    return Stream.concat(forward.getInitializerList().stream(), step.constants().stream())
        .filter(t -> inner || read.contains(t.getName()))
        .toList();
  }

  private static long[] dims(List<Long> dims) {
    return dims.stream().mapToLong(Long::longValue).toArray();
  }
}
