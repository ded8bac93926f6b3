package io.sparsescope.onnx;

import java.util.HashMap;
import java.util.Map;

/** The opset versions in which ONNX's own operators came up. Those of version 1 are not listed. */
final class Operators {
  private static final Map<String, Integer> SINCE = new HashMap<>();

  static {
    since(7, "Acos Asin Atan Cos Multinomial Sin Tan");
    since(8, "Expand Scan");
    since(
        9,
        "Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MaxUnpool"
            + " MeanVarianceNormalization NonZero OneHot Scatter Shrink Sign Sinh TfIdfVectorizer"
            + " Where");
    since(
        10,
        "ConvInteger DequantizeLinear IsInf MatMulInteger Mod NonMaxSuppression QLinearConv"
            + " QLinearMatMul QuantizeLinear Resize ReverseSequence RoiAlign StringNormalizer"
            + " ThresholdedRelu");
    since(
        11,
        "BitShift ConcatFromSequence CumSum Det DynamicQuantizeLinear GatherElements GatherND Range"
            + " Round ScatterElements ScatterND SequenceAt SequenceConstruct SequenceEmpty"
            + " SequenceErase SequenceInsert SequenceLength SplitToSequence Unique");
    since(
        12,
        "Celu Einsum GreaterOrEqual LessOrEqual NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss");
    since(14, "HardSwish Trilu");
    since(15, "Bernoulli CastLike Optional OptionalGetElement OptionalHasElement");
    since(16, "GridSample");
    since(
        17,
        "BlackmanWindow DFT HammingWindow HannWindow LayerNormalization MelWeightMatrix STFT"
            + " SequenceMap");
    since(
        18,
        "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CenterCropPad Col2Im GroupNormalization Mish");
    since(19, "DeformConv");
    since(20, "AffineGrid Gelu ImageDecoder RegexFullMatch StringConcat StringSplit");
    since(23, "Attention RMSNormalization RotaryEmbedding");
  }

  private Operators() {}

  /** The first opset with an operator; 0 where every one has it, or this list does not know. */
  static int since(String op) {
    return SINCE.getOrDefault(op, 0);
  }

  private static void since(int opset, String operators) {
    for (String op : operators.split(" ")) {
      SINCE.put(op, opset);
    }
  }
}
