package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.List;

/** Raises nodes of older opsets to opset 18. */
final class OpsetUpgrade {
  /** The version of ai.onnx that step graphs have at least. */
  static final int OPSET = 18;

  private final ModelFile model;
  private final int opset;
  private final List<TensorProto> constants = new ArrayList<>();

  OpsetUpgrade(ModelFile model) {
    this.model = model;
    opset = model.opset("");
    if (opset < OPSET) {
      throw new RewriteException(
          "model "
              + model.name()
              + ": has opset "
              + opset
              + ", training needs 18: convert it (onnx.version_converter)");
    }
  }

  /** The version of ai.onnx that the upgraded nodes have. */
  int result() {
    return Math.max(OPSET, opset);
  }

  /** Constants that upgraded nodes read. */
  List<TensorProto> constants() {
    return constants;
  }

  /** What a node becomes. */
  List<NodeProto> upgrade(Node node, NodeProto whole) {
    return List.of(whole);
  }
}
