package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans with native operators; the agent's tests run them. */
class NativeCountTest {
  private static final Rules RELUS = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());

  @Test
  void asksForAPoolWhereImagesFillBlocksAndCountsOthersPlainly() throws Exception {
    Rewrite rewrite = plan(model(16));
    ModelProto written = ModelProto.parseFrom(rewrite.edit().toBytes());

    assertThat(rewrite.blockedLayout()).isEqualTo(1);
    assertThat(added(written))
        .extracting(node -> node.getDomain() + ":" + node.getOpType())
        .containsExactly(
            ":GlobalMaxPool",
            "com.microsoft.nchwc:SparsescopeCountFloat",
            "com.microsoft.nchwc:SparsescopeRows",
            ":Concat",
            ":Gather");
    assertThat(added(written).get(2).getAttribute(0).getIntsList()).containsExactly(16L);
    assertThat(written.getOpsetImportList())
        .extracting(OperatorSetIdProto::getDomain, OperatorSetIdProto::getVersion)
        .contains(tuple("com.microsoft.nchwc", 1L));
  }

  @Test
  void countsImagesPlainlyWhereBlocksWouldBePadded() throws Exception {
    assertThat(plainOnly(model(24))).isTrue();
  }

  @Test
  void countsImagesPlainlyInAModelWithSuchAPoolOfItsOwn() throws Exception {
    assertThat(plainOnly(model(16).node("GlobalMaxPool", List.of("r"), List.of("p"), "pool")))
        .isTrue();
  }

  private static boolean plainOnly(ModelBuilder model) throws Exception {
    Rewrite rewrite = plan(model);
    ModelProto written = ModelProto.parseFrom(rewrite.edit().toBytes());
    return rewrite.blockedLayout() == 0
        && added(written).stream()
                .filter(node -> node.getOpType().equals("SparsescopeCountFloat"))
                .count()
            == 2;
  }

  private static Rewrite plan(ModelBuilder model) {
    return new Rewriter(RELUS, false, false, CountMode.NATIVE).plan(model.toModel("m"));
  }

  private static List<NodeProto> added(ModelProto model) {
    return model.getGraph().getNodeList().stream()
        .filter(node -> node.getName().startsWith(Rewrite.PREFIX))
        .toList();
  }

  /** x through a convolution and Relu to r; flat and through Relu to f. */
  private static ModelBuilder model(int channels) {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, channels, -1, -1)
        .initializer("w", new float[channels], channels, 1, 1, 1)
        .node("Conv", List.of("x", "w"), List.of("c"), "conv", Nodes.integer("group", channels))
        .node("Relu", List.of("c"), List.of("r"), "relu")
        .node("Flatten", List.of("r"), List.of("g"), "flatten")
        .node("Relu", List.of("g"), List.of("f"), "relu2")
        .unshapedOutput("f", ElementType.FLOAT);
  }
}
