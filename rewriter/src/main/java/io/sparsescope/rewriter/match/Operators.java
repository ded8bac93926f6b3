package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Node;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What operators are to layers: main nodes and their weights, look-ups, element-wise, pass-through,
 * joins.
 */
final class Operators {
  /**
   * Inputs of a main node.
   *
   * @param weights candidates for weights
   * @param biases candidates for biases
   * @param needsWeights whether it is a layer only if a weight is constant
   * @param quantized whether its weights are integers that stand for others
   */
  record Main(
      List<Integer> weights, List<Integer> biases, boolean needsWeights, boolean quantized) {}

  private static final Map<String, Main> MAIN =
      Map.ofEntries(
          main("Conv", at(1), at(2)),
          main("ConvTranspose", at(1), at(2)),
          main("DeformConv", at(1), at(3)),
          main("Gemm", at(1, 0), at(2)),
          main("RNN", at(1, 2), at(3)),
          main("LSTM", at(1, 2), at(3)),
          main("GRU", at(1, 2), at(3)),
          main("Attention", at(), at()),
          product("MatMul", at(1, 0), at(), false),
          quantized("ConvInteger", at(1), at()),
          quantized("QLinearConv", at(3), at(8)),
          product("MatMulInteger", at(1, 0), at(), true),
          product("QLinearMatMul", at(3, 0), at(), true),
          main("com.microsoft/FusedConv", at(1), at(2)),
          main("com.microsoft/NhwcFusedConv", at(1), at(2)),
          main("com.microsoft/FusedGemm", at(1, 0), at(2)),
          product("com.microsoft/FusedMatMul", at(1, 0), at(), false),
          product("com.microsoft/TransposeMatMul", at(1, 0), at(), false),
          product("com.microsoft/FusedMatMulActivation", at(1, 0), at(), false),
          quantized("com.microsoft/MatMulNBits", at(1), at(5)),
          quantized("com.microsoft/MatMulBnb4", at(1), at()),
          quantized("com.microsoft/DynamicQuantizeMatMul", at(1), at(4)),
          quantized("com.microsoft/MatMulIntegerToFloat", at(1), at(6)),
          quantized("com.microsoft/DynamicQuantizeLSTM", at(1, 2), at(3)),
          quantized("com.microsoft/QLinearConv", at(3), at(8)),
          quantized("com.microsoft/QGemm", at(3), at(6)),
          main("com.microsoft/Attention", at(1), at(2)),
          quantized("com.microsoft/QAttention", at(1), at(2)),
          main("com.microsoft/MultiHeadAttention", at(), at(3)),
          main("com.microsoft/GroupQueryAttention", at(), at()),
          main("com.microsoft/PackedAttention", at(1), at(2)),
          main("com.microsoft/LongformerAttention", at(1, 4), at(2, 5)),
          main("com.microsoft/DecoderAttention", at(2, 3), at(4)),
          main("com.microsoft/DecoderMaskedSelfAttention", at(1), at(2)));

  /**
   * Nodes that look rows of a table up: the inputs that are tables. They hold weights but compute
   * nothing with them, so they are layers without an activation.
   */
  private static final Map<String, Main> EMBEDDING =
      Map.ofEntries(
          product("Gather", at(0), at(), false),
          product("com.microsoft/EmbedLayerNormalization", at(2, 3, 4), at(), false),
          product("com.microsoft/QEmbedLayerNormalization", at(2, 3, 4), at(), true),
          product("com.microsoft/GatherBlockQuantized", at(0), at(), true));

  /** Element-wise on their one operand that is not constant; normalizations too. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          ("Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign"
                  + " ThresholdedRelu Clip Gelu Mish Swish Erf Abs Neg Exp Log Sqrt Reciprocal Floor"
                  + " Ceil Round Sign Shrink Add Sub Mul Div Pow Sum Max Min Where Less LessOrEqual"
                  + " Greater GreaterOrEqual Not And Or BatchNormalization InstanceNormalization"
                  + " LayerNormalization GroupNormalization RMSNormalization LRN"
                  + " SimplifiedLayerNormalization com.microsoft/Gelu com.microsoft/FastGelu"
                  + " com.microsoft/BiasGelu com.microsoft/QuickGelu com.microsoft/BiasAdd"
                  + " com.microsoft/QLinearAdd com.microsoft/QLinearMul com.microsoft/QLinearSigmoid"
                  + " com.microsoft/QLinearLeakyRelu com.microsoft/SkipLayerNormalization"
                  + " com.microsoft/SkipSimplifiedLayerNormalization")
              .split(" "));

  /** Followed, but of no weight by themselves: what ends a layer is never one of these. */
  private static final Set<String> NEUTRAL =
      Set.of(
          "Identity",
          "Dropout",
          "Cast",
          "QuantizeLinear",
          "DequantizeLinear",
          "Transpose",
          "Reshape",
          "Squeeze",
          "Unsqueeze");

  /** Through which a constant is followed back to where its values lie. */
  private static final Set<String> CONSTANT_VIEWS =
      Set.of(
          "Identity",
          "Transpose",
          "Reshape",
          "Cast",
          "CastLike",
          "DequantizeLinear",
          "Squeeze",
          "Unsqueeze",
          "Flatten");

  private static final Set<String> JOINS =
      Set.of(
          "Add",
          "Sum",
          "com.microsoft/QLinearAdd",
          "com.microsoft/SkipLayerNormalization",
          "com.microsoft/SkipSimplifiedLayerNormalization");

  private Operators() {}

  /** The node's inputs as a main node, or null if it is none. */
  static Main main(Node node) {
    return MAIN.get(Candidate.op(node));
  }

  /** The node's inputs as one that looks rows of tables up, or null if it is none. */
  static Main embedding(Node node) {
    return EMBEDDING.get(Candidate.op(node));
  }

  static boolean isElementwise(Node node) {
    return ELEMENTWISE.contains(Candidate.op(node));
  }

  static boolean isNeutral(Node node) {
    return NEUTRAL.contains(Candidate.op(node));
  }

  static boolean isJoin(Node node) {
    return JOINS.contains(Candidate.op(node));
  }

  static boolean isConstantView(Node node) {
    return CONSTANT_VIEWS.contains(Candidate.op(node));
  }

  private static Map.Entry<String, Main> main(
      String op, List<Integer> weights, List<Integer> biases) {
    return Map.entry(op, new Main(weights, biases, false, false));
  }

  private static Map.Entry<String, Main> quantized(
      String op, List<Integer> weights, List<Integer> biases) {
    return Map.entry(op, new Main(weights, biases, false, true));
  }

  private static Map.Entry<String, Main> product(
      String op, List<Integer> weights, List<Integer> biases, boolean quantized) {
    return Map.entry(op, new Main(weights, biases, true, quantized));
  }

  private static List<Integer> at(Integer... inputs) {
    return List.of(inputs);
  }
}
