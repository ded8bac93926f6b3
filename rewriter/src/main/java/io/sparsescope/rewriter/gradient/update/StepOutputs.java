package io.sparsescope.rewriter.gradient.update;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.Set;

/** Chooses among the outputs of a step's model. */
public final class StepOutputs {
  private StepOutputs() {}

  /** Without outputs that nobody reads, which only keep their memory from being used again. */
  public static ModelProto only(ModelProto step, Set<String> read) {
    GraphProto.Builder graph = step.getGraph().toBuilder().clearOutput();
    for (ValueInfoProto output : step.getGraph().getOutputList()) {
      if (read.contains(output.getName())) {
        graph.addOutput(output);
      }
    }
    return step.toBuilder().setGraph(graph).build();
  }
}
