package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The judge: runs a forward graph of ONNX operators in float64, by plain loops that follow the
 * standard's definitions. It knows nothing of gradients.
 */
final class DoubleGraph {
  private static final Map<String, DoubleNode.Operator> OPERATORS = new HashMap<>();

  static {
    OPERATORS.putAll(DoubleElements.OPERATORS);
    OPERATORS.putAll(DoubleLayouts.OPERATORS);
    OPERATORS.putAll(DoubleReductions.OPERATORS);
    OPERATORS.putAll(DoubleMatrices.OPERATORS);
    OPERATORS.putAll(DoubleWindows.OPERATORS);
    OPERATORS.putAll(DoubleNormalizations.OPERATORS);
    OPERATORS.put("Constant", DoubleNode.Operator.single(DoubleGraph::constant));
  }

  private final ModelProto model;
  private final boolean training;
  private final int opset;
  private final Map<String, DoubleTensor> initializers = new HashMap<>();

  private DoubleGraph(ModelProto model, boolean training) {
    this.model = model;
    this.training = training;
    this.opset =
        (int)
            model.getOpsetImportList().stream()
                .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
                .findFirst()
                .orElseThrow()
                .getVersion();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      initializers.put(tensor.getName(), DoubleTensor.of(tensor));
    }
  }

  /** The graph as it stands. */
  static DoubleGraph inference(ModelProto model) {
    return new DoubleGraph(model, false);
  }

  /**
   * The graph as it is trained: BatchNormalization by the batch's own mean and variance, and
   * Dropout multiplies with the tensor {@code NODE/mask}, if that is fed.
   */
  static DoubleGraph training(ModelProto model) {
    return new DoubleGraph(model, true);
  }

  /** The value of an initializer. */
  DoubleTensor initializer(String name) {
    return initializers.get(name);
  }

  /**
   * Values of all tensors, inner ones too.
   *
   * @param feeds inputs; and initializers, which are overridden
   */
  Map<String, DoubleTensor> run(Map<String, DoubleTensor> feeds) {
    Map<String, DoubleTensor> tensors = new HashMap<>(initializers);
    tensors.putAll(feeds);
    for (NodeProto node : model.getGraph().getNodeList()) {
      List<DoubleTensor> outputs = run(node, tensors);
      for (int i = 0; i < Math.min(outputs.size(), node.getOutputCount()); i++) {
        tensors.put(node.getOutput(i), outputs.get(i));
      }
    }
    return tensors;
  }

  private List<DoubleTensor> run(NodeProto node, Map<String, DoubleTensor> tensors) {
    DoubleTensor[] inputs =
        node.getInputList().stream().map(tensors::get).toArray(DoubleTensor[]::new);
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i] == null && !node.getInput(i).isEmpty()) {
        throw new IllegalArgumentException(node.getName() + ": no value of " + node.getInput(i));
      }
    }
    DoubleTensor mask = tensors.get(node.getName() + "/mask");
    if (node.getOpType().equals("Dropout")) {
      return List.of(training && mask != null ? inputs[0].zip(mask, (a, b) -> a * b) : inputs[0]);
    }
    DoubleNode.Operator operator = OPERATORS.get(node.getOpType());
    if (operator == null) {
      throw new IllegalArgumentException("no operator " + node.getOpType());
    }
    return operator.run(new DoubleNode(node, Arrays.asList(inputs), opset, training));
  }

  private static DoubleTensor constant(DoubleNode node) {
    AttributeProto value = node.proto().getAttribute(0);
    return switch (value.getName()) {
      case "value" -> DoubleTensor.of(value.getT());
      case "value_float" -> DoubleTensor.scalar(value.getF());
      case "value_int" -> DoubleTensor.scalar(value.getI()).asIntegral(true);
      case "value_floats" ->
          DoubleTensor.of(
              value.getFloatsList().stream().mapToDouble(f -> f).toArray(), value.getFloatsCount());
      case "value_ints" ->
          DoubleTensor.integers(
              value.getIntsList().stream().mapToDouble(i -> i).toArray(), value.getIntsCount());
      default -> throw new IllegalArgumentException("Constant with " + value.getName());
    };
  }
}
