package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RandomModelsTest {

  @Property(tries = 200)
  void editsThatChangeNothingWriteTheSameModel(
      @ForAll @IntRange(min = 1, max = 40) int nodes, @ForAll long seed)
      throws InvalidProtocolBufferException {
    ModelProto proto = random(nodes, new Random(seed));
    ModelFile model = ModelFile.of("random", proto.toByteArray());
    model.validate();
    assertThat(new ModelEdit(model).toBytes()).isEqualTo(proto.toByteArray());

    ModelEdit edit = new ModelEdit(model);
    for (Node node : model.graph().nodes()) {
      edit.editNode(node, same -> same);
    }
    for (Initializer initializer : model.graph().initializers().values()) {
      edit.mapInitializer(initializer, chunk -> {});
    }
    edit.putMetadata("added", "later");
    edit.check();

    ModelProto expected =
        proto.toBuilder()
            .addMetadataProps(StringStringEntryProto.newBuilder().setKey("added").setValue("later"))
            .build();
    assertThat(ModelProto.parseFrom(edit.toBytes())).isEqualTo(expected);
    assertThat(ModelProto.parseFrom(edit.toDirectBuffer())).isEqualTo(expected);
  }

  @Property(tries = 200)
  void linksAgreeWithASearch(@ForAll @IntRange(min = 1, max = 40) int nodes, @ForAll long seed) {
    ModelProto proto = random(nodes, new Random(seed));
    Graph graph = ModelFile.of("random", ByteBuffer.wrap(proto.toByteArray())).graph();
    for (Node node : graph.nodes()) {
      for (String output : node.proto().getOutputList()) {
        assertThat(graph.producer(output)).contains(node);
        List<Node> readers =
            graph.nodes().stream()
                .filter(other -> other.proto().getInputList().contains(output))
                .toList();
        assertThat(graph.consumers(output)).isEqualTo(readers);
        assertThat(graph.type(output))
            .hasValueSatisfying(type -> assertThat(type.element()).isEqualTo(ElementType.FLOAT));
      }
    }
  }

  /** A graph of unary and binary nodes; initializers of one chunk or more, or of nothing. */
  private static ModelProto random(int nodes, Random random) {
    ModelBuilder model = ModelBuilder.model(13).input("x", ElementType.FLOAT, 1, -1);
    List<String> tensors = new ArrayList<>(List.of("x"));
    for (int i = 0; i < random.nextInt(5); i++) {
      float[] values = new float[random.nextInt(4) == 0 ? 100_000 : random.nextInt(10)];
      for (int k = 0; k < values.length; k++) {
        values[k] = random.nextFloat();
      }
      model.initializer("w" + i, values, values.length);
      tensors.add("w" + i);
    }
    for (int i = 0; i < nodes; i++) {
      String one = tensors.get(random.nextInt(tensors.size()));
      String other = tensors.get(random.nextInt(tensors.size()));
      String name = random.nextBoolean() ? "" : "node " + random.nextInt(5);
      NodeProto node =
          random.nextBoolean()
              ? Nodes.node("Relu", List.of(one), List.of("t" + i), name)
              : Nodes.node("Add", List.of(one, other), List.of("t" + i), name);
      model.node(node);
      tensors.add("t" + i);
    }
    return model.unshapedOutput("t" + (nodes - 1), ElementType.FLOAT).build();
  }
}
