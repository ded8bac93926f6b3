package io.sparsescope.rewriter.transform;

/** What counting in the graph does with tensors that hold NaN. */
public enum CountMode {
  /**
   * Counts them as any other, NaNs apart. The graph holds a second, slower way to count each tensor
   * for that, and must keep the tensor in the plain layout.
   */
  EXACT,

  /**
   * Where that is cheaper, says of a tensor with NaN only that it was not counted: its number of
   * zeros is -1. Tensors without NaN are counted exactly, but for those that hold positive elements
   * below 2^-128, which are marked so too unless by chance ({@link BlockedCount}).
   */
  FAST,

  /**
   * Counts everything exactly, NaNs too, by operators that are not ONNX's own: those of the agent's
   * native library, which must be registered with the session ({@link NativeCount}).
   */
  NATIVE,

  /** Counts nothing: every tapped tensor becomes an output, for a reader who wants its values. */
  TENSORS
}
