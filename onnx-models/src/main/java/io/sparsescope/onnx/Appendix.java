package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import java.util.List;
import java.util.TreeMap;

/** What is new in an edited model, as a model of its own to be put behind the original's bytes. */
final class Appendix {
  private Appendix() {}

  /**
   * @param changes only such as add something
   */
  static byte[] of(Changes changes) {
    GraphProto.Builder graph = GraphProto.newBuilder().addAllNode(changes.first);
    for (List<NodeProto> behind : new TreeMap<>(changes.behind).values()) {
      graph.addAllNode(behind);
    }
    graph
        .addAllNode(changes.last)
        .addAllInitializer(changes.initializers)
        .addAllInput(changes.inputs)
        .addAllOutput(changes.outputs);
    ModelProto.Builder model = ModelProto.newBuilder();
    if (!changes.keepsGraph()) {
      model.setGraph(graph);
    }
    changes.opsets.forEach(
        (domain, version) ->
            model.addOpsetImport(
                OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    return model.build().toByteArray();
  }
}
