package io.sparsescope.onnx;

import static io.sparsescope.onnx.ElementType.BOOL;
import static io.sparsescope.onnx.ElementType.FLOAT;
import static io.sparsescope.onnx.ElementType.INT32;
import static io.sparsescope.onnx.ElementType.INT64;
import static io.sparsescope.onnx.ElementType.STRING;
import static io.sparsescope.onnx.ElementType.UINT8;
import static io.sparsescope.onnx.ElementType.UNDEFINED;

import io.sparsescope.onnx.proto.TensorProto;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Types of what ONNX's own operators compute, from the operators' specification. */
final class StandardTypes {
  /** Operators whose first output has element type and shape of the first input. */
  static final Set<String> SAME_SHAPE =
      words(
          "Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Clip Cos Cosh CumProd CumSum"
              + " Elu Erf Exp Floor Gelu GroupNormalization HardSigmoid HardSwish Hardmax Identity"
              + " InstanceNormalization LRN LeakyRelu Log LogSoftmax LpNormalization"
              + " MeanVarianceNormalization Mish Neg Not PRelu RMSNormalization Reciprocal Relu"
              + " ReverseSequence RotaryEmbedding Round Scatter ScatterElements ScatterND Selu"
              + " Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh"
              + " TensorScatter ThresholdedRelu Trilu");

  /** Operators whose first output has element type and rank of the first input. */
  private static final Set<String> SAME_RANK =
      words(
          "AveragePool CenterCropPad DepthToSpace GlobalAveragePool GlobalLpPool GlobalMaxPool"
              + " GridSample LpPool Pad Resize Slice SpaceToDepth Tile Upsample");

  /** Operators of the first input's element type that broadcast all inputs. */
  static final Set<String> BROADCAST =
      words(
          "Add BitShift BitwiseAnd BitwiseOr BitwiseXor Div Max Mean Min Mod Mul Pow Sub Sum And Or"
              + " Xor");

  static final Set<String> COMPARE = words("Equal Greater GreaterOrEqual Less LessOrEqual");

  static final Set<String> REDUCE =
      words(
          "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd"
              + " ReduceSum ReduceSumSquare");

  /** Operators of the first input's element type whose rank is not worked out. */
  private static final Set<String> ELEMENT_ONLY =
      words("Col2Im DFT Det Einsum GatherND NegativeLogLikelihoodLoss STFT");

  private StandardTypes() {}

  static Set<String> words(String text) {
    return Set.of(text.split(" "));
  }

  static List<Known> outputs(Inputs in) {
    String op = in.node().getOpType();
    if (SAME_SHAPE.contains(op) || SAME_RANK.contains(op)) {
      return List.of(Known.of(in.element(0), in.rank(0)));
    }
    if (BROADCAST.contains(op)) {
      return List.of(Known.of(in.element(0), Ranks.broadcast(in, 0)));
    }
    if (COMPARE.contains(op)) {
      return List.of(Known.of(BOOL, Ranks.broadcast(in, 0)));
    }
    if (REDUCE.contains(op)) {
      return List.of(Known.of(in.element(0), Ranks.reduce(in)));
    }
    if (ELEMENT_ONLY.contains(op)) {
      return List.of(Known.of(in.element(0)));
    }
    return switch (op) {
      case "IsInf", "IsNaN" -> List.of(Known.of(BOOL, in.rank(0)));
      case "RegexFullMatch" -> List.of(Known.of(BOOL, in.rank(0)));
      case "ArgMax", "ArgMin" -> List.of(Known.of(INT64, Ranks.argReduce(in)));
      case "Shape" -> List.of(shape(in));
      case "Size" -> List.of(Known.of(INT64, 0));
      case "NonZero", "NonMaxSuppression" -> List.of(Known.of(INT64, 2));
      case "Cast", "BitCast" -> List.of(Known.of(in.type("to", UNDEFINED), in.rank(0)));
      case "CastLike" -> List.of(Known.of(in.element(1), in.rank(0)));
      default -> shaping(in, op);
    };
  }

  /** Operators that move elements about. */
  private static List<Known> shaping(Inputs in, String op) {
    ElementType first = in.element(0);
    return switch (op) {
      case "Reshape" -> List.of(Known.of(first, Ranks.reshape(in)));
      case "Flatten" -> List.of(Known.of(first, 2));
      case "Transpose" -> List.of(Known.of(first, Ranks.transpose(in)));
      case "Squeeze" -> List.of(Known.of(first, Ranks.squeeze(in)));
      case "Unsqueeze" -> List.of(Known.of(first, Ranks.unsqueeze(in)));
      case "Expand" -> List.of(Known.of(first, Ranks.expand(in)));
      case "Concat" -> List.of(Known.of(elementOfAny(in), Ranks.anyOf(in, 0)));
      case "Gather" -> List.of(Known.of(first, Ranks.gather(in)));
      case "GatherElements" -> List.of(Known.of(first, in.rank(1)));
      case "Compress" -> List.of(Known.of(first, in.hasAttribute("axis") ? in.rank(0) : 1));
      case "Split" -> each(Known.of(first, in.rank(0)), in.node().getOutputCount());
      case "Where" ->
          List.of(Known.of(first(in.element(1), in.element(2)), Ranks.broadcast(in, 0)));
      case "TopK" -> List.of(Known.of(first, in.rank(0)), Known.of(INT64, in.rank(0)));
      case "Unique" ->
          List.of(
              Known.of(first, in.hasAttribute("axis") ? in.rank(0) : 1),
              Known.of(INT64, 1),
              Known.of(INT64, 1),
              Known.of(INT64, 1));
      case "OneHot" -> List.of(Known.of(in.element(2), Ranks.add(in.rank(0), 1)));
      default -> layers(in, op);
    };
  }

  /** Operators with weights, and pooling. */
  private static List<Known> layers(Inputs in, String op) {
    ElementType first = in.element(0);
    return switch (op) {
      case "Conv", "ConvTranspose", "DeformConv" ->
          List.of(Known.of(first(first, in.element(1)), Ranks.convolution(in, 0, 1)));
      case "Gemm" -> List.of(Known.of(first(first, in.element(1)), 2));
      case "MatMul" ->
          List.of(Known.of(first(first, in.element(1)), Ranks.matMul(in.rank(0), in.rank(1))));
      case "BatchNormalization" -> batchNormalization(in);
      case "LayerNormalization" -> layerNormalization(in);
      case "Dropout" ->
          List.of(
              Known.of(first, in.rank(0)), Known.of(in.opset() < 10 ? first : BOOL, in.rank(0)));
      case "MaxPool" -> List.of(Known.of(first, in.rank(0)), Known.of(INT64, in.rank(0)));
      case "MaxUnpool" -> List.of(Known.of(first, in.rank(0)));
      case "MaxRoiPool", "RoiAlign" -> List.of(Known.of(first, 4));
      case "RNN", "GRU" -> List.of(Known.of(first, 4), Known.of(first, 3));
      case "LSTM" -> List.of(Known.of(first, 4), Known.of(first, 3), Known.of(first, 3));
      case "Attention" ->
          List.of(
              Known.of(first, in.rank(0)),
              Known.of(in.element(1), 4),
              Known.of(in.element(2), 4),
              Known.of(first, 4));
      case "SoftmaxCrossEntropyLoss" -> List.of(Known.of(first), Known.of(first, in.rank(0)));
      case "AffineGrid" -> List.of(Known.of(first, Ranks.rank(in.at(1).length())));
      default -> quantized(in, op);
    };
  }

  private static List<Known> quantized(Inputs in, String op) {
    return switch (op) {
      case "QuantizeLinear" -> List.of(Known.of(quantizedTo(in), in.rank(0)));
      case "DequantizeLinear" ->
          List.of(Known.of(in.type("output_dtype", in.element(1)), in.rank(0)));
      case "DynamicQuantizeLinear" ->
          List.of(Known.of(UINT8, in.rank(0)), Known.of(FLOAT, 0), Known.of(UINT8, 0));
      case "QLinearConv" -> List.of(Known.of(in.element(7), Ranks.convolution(in, 0, 3)));
      case "QLinearMatMul" ->
          List.of(Known.of(in.element(7), Ranks.matMul(in.rank(0), in.rank(3))));
      case "ConvInteger" -> List.of(Known.of(INT32, Ranks.convolution(in, 0, 1)));
      case "MatMulInteger" -> List.of(Known.of(INT32, Ranks.matMul(in.rank(0), in.rank(1))));
      default -> sources(in, op);
    };
  }

  /** Operators that make tensors from attributes and shapes. */
  private static List<Known> sources(Inputs in, String op) {
    return switch (op) {
      case "Constant" -> constant(in);
      case "ConstantOfShape" -> {
        ElementType value =
            in.hasAttribute("value")
                ? ElementType.of(in.attribute("value").getT().getDataType())
                : FLOAT;
        yield List.of(Known.of(value, Ranks.rank(in.at(0).length())));
      }
      case "RandomNormal", "RandomUniform" ->
          List.of(Known.of(in.type("dtype", FLOAT), Ranks.rank(in.listLength("shape", -1))));
      case "RandomNormalLike", "RandomUniformLike", "Bernoulli", "EyeLike" ->
          List.of(Known.of(in.type("dtype", in.element(0)), in.rank(0)));
      case "Multinomial" -> List.of(Known.of(in.type("dtype", INT32), 2));
      case "Range" -> List.of(Known.of(in.element(0), 1));
      case "HannWindow", "HammingWindow", "BlackmanWindow" ->
          List.of(Known.of(in.type("output_datatype", FLOAT), 1));
      case "MelWeightMatrix" -> List.of(Known.of(in.type("output_datatype", FLOAT), 2));
      case "StringNormalizer", "StringConcat" -> List.of(Known.of(STRING));
      case "StringSplit" ->
          List.of(Known.of(STRING, Ranks.add(in.rank(0), 1)), Known.of(INT64, in.rank(0)));
      case "TfIdfVectorizer" -> List.of(Known.of(FLOAT, in.rank(0)));
      case "ImageDecoder" -> List.of(Known.of(UINT8, 3));
      case "SequenceLength" -> List.of(Known.of(INT64, 0));
      case "OptionalHasElement" -> List.of(Known.of(BOOL, 0));
      default -> List.of();
    };
  }

  private static Known shape(Inputs in) {
    boolean whole = !in.hasAttribute("start") && !in.hasAttribute("end");
    return new Known(INT64, 1, whole ? in.rank(0) : Known.UNKNOWN);
  }

  private static List<Known> batchNormalization(Inputs in) {
    ElementType first = in.element(0);
    ElementType statistics = first(in.element(3), first);
    Known channel = Known.of(statistics, 1);
    return List.of(Known.of(first, in.rank(0)), channel, channel, channel, channel);
  }

  private static List<Known> layerNormalization(Inputs in) {
    // The statistics are computed in the type that stash_type names, float32 unless told.
    Known statistics = Known.of(in.type("stash_type", FLOAT), in.rank(0));
    return List.of(Known.of(in.element(0), in.rank(0)), statistics, statistics);
  }

  static ElementType quantizedTo(Inputs in) {
    return in.has(2) ? in.element(2) : in.type("output_dtype", UINT8);
  }

  private static List<Known> constant(Inputs in) {
    if (in.node().getAttributeCount() != 1) {
      return List.of();
    }
    var attribute = in.node().getAttribute(0);
    Optional<TensorProto> tensor = Constants.tensor(attribute);
    if (tensor.isPresent()) {
      return List.of(
          Known.of(ElementType.of(tensor.get().getDataType()), tensor.get().getDimsList()));
    }
    return switch (attribute.getName()) {
      case "sparse_value" ->
          List.of(
              Known.of(
                  ElementType.of(attribute.getSparseTensor().getValues().getDataType()),
                  attribute.getSparseTensor().getDimsList()));
      case "value_string" -> List.of(Known.of(STRING, 0));
      case "value_strings" -> List.of(Known.of(STRING, 1));
      default -> List.of();
    };
  }

  private static ElementType elementOfAny(Inputs in) {
    for (int i = 0; i < in.count(); i++) {
      if (in.element(i) != UNDEFINED) {
        return in.element(i);
      }
    }
    return UNDEFINED;
  }

  /** Two inputs of one type: whichever is known. */
  static ElementType first(ElementType one, ElementType other) {
    return one == UNDEFINED ? other : one;
  }

  private static List<Known> each(Known known, int count) {
    return Collections.nCopies(count, known);
  }
}
