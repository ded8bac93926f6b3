package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether a model holds operators whose results jump: there a difference in the last bit becomes a
 * whole step, for example of a quantizer.
 *
 * @param present whether there may be one
 */
record Steps(boolean present) {
  private static final Set<String> OPERATORS =
      Set.of(
          "ArgMax",
          "ArgMin",
          "Ceil",
          "Equal",
          "Floor",
          "Greater",
          "GreaterOrEqual",
          "Hardmax",
          "Less",
          "LessOrEqual",
          "Mod",
          "NonMaxSuppression",
          "NonZero",
          "Round",
          "Sign",
          "TopK");

  static Steps of(ModelFile model) {
    Stream<NodeProto> nodes =
        Stream.concat(
            model.graph().allNodes().stream().map(Node::proto),
            model.functions().stream().flatMap(function -> function.getNodeList().stream()));
    return new Steps(nodes.map(NodeProto::getOpType).anyMatch(Steps::jumps));
  }

  private static boolean jumps(String operator) {
    return OPERATORS.contains(operator)
        || operator.contains("Quantize")
        || operator.contains("QLinear")
        || operator.endsWith("Integer");
  }
}
