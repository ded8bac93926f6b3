package io.sparsescope.rewriter.transform;

import java.util.Optional;

/**
 * What is put in the place of a float tensor: a function of its values that keeps shape and type.
 *
 * <p>Tensors of float16 and bfloat16 are handed over as float32, which holds them exactly, and what
 * comes back is rounded to their type; float32 and float64 are handed over as they are. Immutable.
 */
public interface Transform {
  /** The opset whose Where, Sign and IsNaN most transforms need. */
  int WHERE_OPSET = 9;

  /** The transform as rules write it, for example {@code nearest,16,8}; it reads back as equal. */
  String spec();

  /**
   * Why the transform cannot be done, in a few words; "" if it can.
   *
   * @param target the tensor
   * @param opset the model's version of ai.onnx
   */
  default String reasonAgainst(Target target, int opset) {
    return opset < WHERE_OPSET ? tooOld(opset, WHERE_OPSET) : "";
  }

  /**
   * Makes the nodes.
   *
   * @param nodes takes the nodes, of operators that the model's opset has
   * @param x name of the tensor as it is, of {@link NodeMaker#type()}
   * @return name of the result, of the same type and shape; {@code x} itself to change nothing
   */
  String emit(NodeMaker nodes, String x);

  /**
   * How the nodes' result is computed on stored values, to the last bit (but for the bits of NaN);
   * empty if that is only known to the nodes. Such a transform cannot be baked.
   */
  default Optional<Baked> baked(Target target) {
    return Optional.empty();
  }

  /** The reason that an operator is missing. */
  default String tooOld(int opset, int needed) {
    return "opset " + opset + " is too old for " + spec() + ", which needs " + needed;
  }
}
