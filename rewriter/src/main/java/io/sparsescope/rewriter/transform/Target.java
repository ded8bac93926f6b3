package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import java.util.List;
import java.util.OptionalInt;

/**
 * The tensor that a transform is for.
 *
 * @param name what its values are known by, whatever names a rewrite gives them: the initializer's
 *     or the tensor's
 * @param type its float type
 * @param rank number of dimensions, where it is known before the run
 * @param dims its shape, where its values are stored; else empty
 * @param weight whether it is a weight; if not, its first dimension counts records
 * @param channels which dimension of a weight runs over what the layer sums up, its input channels;
 *     the last dimension of other tensors; empty where it is not known
 */
public record Target(
    String name,
    ElementType type,
    OptionalInt rank,
    List<Long> dims,
    boolean weight,
    OptionalInt channels) {

  /**
   * @throws IllegalArgumentException if the type is no float type
   */
  public Target {
    if (!type.isFloat()) {
      throw new IllegalArgumentException(name + " is of " + type.label() + ", no float type");
    }
    dims = List.copyOf(dims);
  }

  FloatKind kind() {
    return FloatKind.of(type);
  }

  /** Whether all elements belong together; if not, those of each record do. */
  boolean isOneRecord() {
    return weight || rank.orElse(2) < 2;
  }
}
