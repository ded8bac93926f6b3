package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Initializer;
import java.util.List;

/**
 * A tensor that training changes: an input of the step graph under its own name.
 *
 * @param name name of the initializer, of the step graph's input, and behind {@code gradient:} of
 *     its gradient
 * @param initializer where the differentiated model has its values; float32
 * @param kind what it is to its layer
 * @param layer name of the layer ({@link io.sparsescope.rewriter.match.Layer#name}) that it belongs
 *     to; for a normalization outside any layer the node's name
 */
public record Parameter(String name, Initializer initializer, Kind kind, String layer) {
  /** What a parameter is to its layer. */
  public enum Kind {
    /** What a layer multiplies with; has L1 and L2 terms. */
    WEIGHT,
    BIAS,
    /** Scale of a normalization (gamma). */
    SCALE,
    /** Shift of a normalization (beta). */
    SHIFT,
    /** Slope of a PRelu. */
    SLOPE
  }

  /** Its shape; empty for a scalar. */
  public List<Long> dims() {
    return initializer.dims();
  }

  /** Name of its gradient, an output of the step graph. */
  public String gradient() {
    return Gradients.gradient(name);
  }
}
