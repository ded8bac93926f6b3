package io.sparsescope.rewriter;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Target;
import java.util.List;
import java.util.OptionalInt;

/** Weights as transforms see them: their shape, and which dimension runs over input channels. */
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

  /** ONNX's operators and their layouts of weights; empty for one that is not listed. */
  private static OptionalInt channels(Weight weight, OptionalInt rank) {
    if (rank.isEmpty()) {
      return OptionalInt.empty();
    }
    int dims = rank.getAsInt();
    Node main = weight.reader();
    int axis =
        switch (main.op()) {
          case "Conv", "FusedConv", "NhwcFusedConv", "DeformConv" -> 1;
          case "ConvTranspose", "Attention", "PackedAttention" -> 0;
          case "RNN", "LSTM", "GRU" -> 2;
          case "Gemm", "FusedGemm", "MatMul", "FusedMatMul", "TransposeMatMul" ->
              product(main, weight.input(), dims);
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
