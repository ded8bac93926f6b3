package io.sparsescope.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepGraphsTest {

  @Test
  void stateIsParametersTheirMomentumAndRunningStatistics() {
    StepGraphs graphs = StepGraphs.of(net(), 0.9, 0.01, false);

    assertThat(graphs.state())
        .extracting(slot -> slot.input() + " " + slot.output() + " " + slot.dims())
        .containsExactly(
            "w w/next [3, 2]",
            "scale scale/next [2]",
            "shift shift/next [2]",
            "w/momentum w/momentum/next [3, 2]",
            "scale/momentum scale/momentum/next [2]",
            "shift/momentum shift/momentum/next [2]",
            "mean mean/next [2]",
            "variance variance/next [2]");
  }

  @Test
  void withoutCountsItSaysItsStateAndItsLossAlone() throws Exception {
    StepGraphs graphs = StepGraphs.of(net(), 0.9, 0.01, false);

    assertThat(graphs.counted()).isEmpty();
    assertThat(outputs(graphs))
        .containsExactlyInAnyOrder(
            "loss",
            "w/next",
            "scale/next",
            "shift/next",
            "w/momentum/next",
            "scale/momentum/next",
            "shift/momentum/next",
            "mean/next",
            "variance/next");
  }

  @Test
  void putsOutEachGradientBeforeItsThreshold() throws Exception {
    StepGraphs graphs = StepGraphs.of(net(), 0.9, 0.01, true);

    assertThat(graphs.counted().values())
        .containsExactly(List.of(3L, 2L), List.of(2L), List.of(2L));
    assertThat(outputs(graphs)).containsAll(graphs.counted().keySet());
    ModelProto step = ModelProto.parseFrom(graphs.edit().toBytes());
    assertThat(step.getGraph().getNodeList())
        .filteredOn(n -> graphs.counted().containsKey(n.getOutput(0)))
        .as("what thresholds read")
        .hasSize(3);
    assertThat(graphs.counted()).doesNotContainKey("gradient:w");
  }

  private static List<String> outputs(StepGraphs graphs) throws Exception {
    GraphProto graph = ModelProto.parseFrom(graphs.edit().toBytes()).getGraph();
    return graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  private static ModelFile net() {
    return ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, 3)
        .initializer("w", new float[] {1, 2, 3, 4, 5, 6}, 3, 2)
        .initializer("scale", new float[] {1, 1}, 2)
        .initializer("shift", new float[] {0, 0}, 2)
        .initializer("mean", new float[] {0, 0}, 2)
        .initializer("variance", new float[] {1, 1}, 2)
        .node("Gemm", List.of("x", "w"), List.of("h"), "fc")
        .node(
            "BatchNormalization",
            List.of("h", "scale", "shift", "mean", "variance"),
            List.of("y"),
            "norm")
        .output("y", ElementType.FLOAT, -1, 2)
        .toModel("net");
  }
}
