package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;

/** A transform's nodes, with what they need around them. */
public final class TransformNodes {
  private TransformNodes() {}

  /**
   * Makes the nodes.
   *
   * @param x the tensor as it is, of the target's type
   * @param output name of the result, of the same type
   * @return false if the transform changes nothing; there is no result then, and no node is needed
   */
  public static boolean emit(Ops ops, Transform transform, Target target, String x, String output) {
    ElementType wide = target.kind().compareType();
    NodeMaker maker = new NodeMaker(ops, target);
    String before = wide == target.type() ? x : ops.cast(x, wide);
    String after = transform.emit(maker, before);
    if (after.equals(before)) {
      return false;
    }
    if (wide == target.type()) {
      ops.rename(after, output);
    } else {
      ops.castTo(output, after, target.type());
    }
    return true;
  }
}
