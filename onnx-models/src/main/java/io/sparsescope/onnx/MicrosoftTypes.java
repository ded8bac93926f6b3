package io.sparsescope.onnx;

import static io.sparsescope.onnx.ElementType.FLOAT;
import static io.sparsescope.onnx.ElementType.UINT8;

import java.util.List;
import java.util.Set;

/** Types of what ONNX Runtime's own operators (com.microsoft) compute, as far as they are known. */
final class MicrosoftTypes {
  /** Operators whose first output has element type and rank of the first input. */
  private static final Set<String> SAME =
      StandardTypes.words(
          "BiasGelu FastGelu Gelu GroupQueryAttention MultiHeadAttention NhwcMaxPool"
              + " QLinearAveragePool QLinearGlobalAveragePool QLinearLeakyRelu QLinearSigmoid"
              + " QLinearSoftmax QuickGelu SimplifiedLayerNormalization SkipLayerNormalization"
              + " SkipSimplifiedLayerNormalization");

  private MicrosoftTypes() {}

  static List<Known> outputs(Inputs in) {
    String op = in.node().getOpType();
    if (SAME.contains(op)) {
      return List.of(Known.of(in.element(0), in.rank(0)));
    }
    return switch (op) {
      case "Attention" -> List.of(Known.of(in.element(0), in.rank(0)));
      case "FusedConv" -> List.of(Known.of(in.element(0), Ranks.convolution(in, 0, 1)));
      case "FusedGemm" -> List.of(Known.of(in.element(0), 2));
      case "FusedMatMul" -> List.of(Known.of(in.element(0), Ranks.matMul(in.rank(0), in.rank(1))));
      case "MatMulNBits" -> List.of(Known.of(in.element(0), in.rank(0)));
      case "EmbedLayerNormalization" -> List.of(Known.of(in.element(2), 3));
      case "DynamicQuantizeMatMul" ->
          List.of(Known.of(FLOAT, Ranks.matMul(in.rank(0), in.rank(1))));
      case "MatMulIntegerToFloat" ->
          List.of(Known.of(in.element(2), Ranks.matMul(in.rank(0), in.rank(1))));
      case "DynamicQuantizeLSTM" ->
          List.of(Known.of(FLOAT, 4), Known.of(FLOAT, 3), Known.of(FLOAT, 3));
      case "QLinearAdd", "QLinearMul" -> List.of(Known.of(in.element(0), binaryRank(in)));
      case "QLinearConcat" -> List.of(Known.of(in.element(1), in.rank(2)));
      case "QLinearConv" -> List.of(Known.of(in.element(7), Ranks.convolution(in, 0, 3)));
      case "QLinearReduceMean" -> List.of(Known.of(in.element(0)));
      case "QGemm" -> List.of(Known.of(in.has(8) ? in.element(8) : FLOAT, 2));
      case "QAttention" -> List.of(Known.of(in.element(3), 3));
      case "QuantizeLinear" -> List.of(Known.of(quantizedTo(in), in.rank(0)));
      case "DequantizeLinear" -> List.of(Known.of(in.element(1), in.rank(0)));
      default -> List.of();
    };
  }

  private static ElementType quantizedTo(Inputs in) {
    return in.has(2) ? in.element(2) : UINT8;
  }

  /** Inputs come in threes: values, scale, zero point. */
  private static int binaryRank(Inputs in) {
    return in.rank(0) < 0 || in.rank(3) < 0 ? Known.UNKNOWN : Math.max(in.rank(0), in.rank(3));
  }
}
