package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.rewriter.match.GradientTensors;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Target;
import java.util.List;
import java.util.OptionalInt;

/**
 * Weights and their gradients as transforms see them: their shape, and which dimension runs over
 * input channels.
 */
public final class WeightTargets {
  private WeightTargets() {}

  /**
   * The stored values of a weight. Where a Transpose or Reshape lies between them and the layer it
   * is not known which dimension runs over input channels.
   *
   * @param weight of a float type, with an initializer
   */
  public static Target stored(Weight weight) {
    Initializer i = weight.initializer().orElseThrow();
    OptionalInt rank = OptionalInt.of(i.dims().size());
    OptionalInt channels =
        weight.tensor().equals(weight.name()) ? channels(weight, rank) : OptionalInt.empty();
    return new Target(weight.name(), i.type(), rank, i.dims(), true, channels);
  }

  /** A weight as the layer's main node reads it. */
  static Target read(Weight weight, ElementType type, OptionalInt rank, List<Long> dims) {
    OptionalInt channels = channels(weight, rank);
    return new Target(weight.name(), type, rank, dims, true, channels);
  }

  /** A gradient: a parameter's lies like the parameter, another one like an activation. */
  static Target gradient(GradientTensors.Gradient gradient, ElementType type, OptionalInt rank) {
    if (gradient.reader().isEmpty()) {
      return new Target(gradient.tensor(), type, rank, List.of(), false, OptionalInt.of(-1));
    }
    Node reader = gradient.reader().get();
    int input = reader.proto().getInputList().indexOf(gradient.of());
    OptionalInt channels =
        rank.isPresent() && input >= 0
            ? channels(reader, input, rank.getAsInt())
            : OptionalInt.empty();
    return new Target(gradient.tensor(), type, rank, List.of(), true, channels);
  }

  /** ONNX's operators and their layouts of weights; empty for one that is not listed. */
  private static OptionalInt channels(Weight weight, OptionalInt rank) {
    return rank.isPresent()
        ? channels(weight.reader(), weight.input(), rank.getAsInt())
        : OptionalInt.empty();
  }

  private static OptionalInt channels(Node main, int input, int dims) {
    int axis =
        switch (main.op()) {
          case "Conv", "FusedConv", "NhwcFusedConv", "DeformConv" -> 1;
          case "ConvTranspose", "Attention", "PackedAttention" -> 0;
          case "RNN", "LSTM", "GRU" -> 2;
          case "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "TransposeMatMul" ->
              product(main, input, dims);
          default -> -1;
        };
    return axis < 0 || axis >= dims ? OptionalInt.empty() : OptionalInt.of(axis);
  }

  /** The dimension that a product sums over: A's last, B's last but one; transposed the others. */
  private static int product(Node main, int input, int rank) {
    if (input > 1) {
      return -1;
    }
    boolean transposed = attribute(main, input == 0 ? "transA" : "transB") != 0;
    boolean last = (input == 0) != transposed;
    return rank == 1 || last ? rank - 1 : rank - 2;
  }

  private static long attribute(Node node, String name) {
    return node.proto().getAttributeList().stream()
        .filter(a -> a.getName().equals(name))
        .mapToLong(AttributeProto::getI)
        .findFirst()
        .orElse(0);
  }
}
