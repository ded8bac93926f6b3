package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelEditTest {

  private static ModelBuilder chain(int irVersion, int opset) {
    return ModelBuilder.model(opset)
        .irVersion(irVersion)
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer("w", new float[] {1, -2, 3, -4}, 4)
        .node("Mul", List.of("x", "w"), List.of("m"), "mul")
        .node("Relu", List.of("m"), List.of("y"), "relu")
        .output("y", ElementType.FLOAT, 1, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9, 10, 11})
  void editsRunInOnnxRuntime(int irVersion) throws OrtException, IOException {
    ModelFile model = chain(irVersion, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    Node mul = model.graph().nodes().get(0);
    edit.editNode(mul, node -> node.toBuilder().setOutput(0, "before").build());
    edit.insertAfter(
        mul, List.of(Nodes.node("Add", List.of("before", "one"), List.of("m"), "add")));
    edit.addInitializer(Tensors.floats("one", new float[] {1}));
    edit.addOutput(Values.tensor("before", ElementType.FLOAT, 1, 4));
    edit.mapInitializer(
        model.graph().initializers().get("w"), chunk -> chunk.putFloat(4, chunk.getFloat(4) * 10));
    edit.putMetadata("made", "here");
    edit.check();

    byte[] written = edit.toBytes();

    ByteArrayOutputStream streamed = new ByteArrayOutputStream();
    edit.streamTo(Channels.newChannel(streamed));
    assertThat(streamed.toByteArray()).isEqualTo(written);
    assertThat(OrtRuns.run(written, 1, 1, 1, 1)).containsExactly(2, 0, 4, 0);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(written)) {
      assertThat(session.getOutputNames()).containsExactly("y", "before");
      assertThat(session.getInputNames()).containsExactly("x");
      assertThat(session.getMetadata().getCustomMetadataValue("made")).contains("here");
    }
  }

  /** ONNX Runtime's Java API has no way to override them, so only the default is run. */
  @Test
  void overridableInitializersAreInputsWithADefault()
      throws OrtException, InvalidProtocolBufferException {
    ModelFile model = chain(8, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    edit.addOverridable(Tensors.floats("t", new float[] {5}));
    edit.append(List.of(Nodes.node("Add", List.of("y", "t"), List.of("z"), "add")));
    edit.addOutput(Values.tensor("z", ElementType.FLOAT, 1, 4));
    edit.check();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(edit.toBytes());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(new float[] {1, 1, 1, 1}), new long[] {1, 4});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      assertThat(((float[][]) result.get(1).getValue())[0]).containsExactly(6, 5, 8, 5);
    }
    GraphProto written = ModelProto.parseFrom(edit.toBytes()).getGraph();
    assertThat(written.getInput(1)).isEqualTo(Values.tensor("t", ElementType.FLOAT));
    assertThat(written.getInitializer(1).getName()).isEqualTo("t");
  }

  @Test
  void irVersionThreeHasNoOverridableInitializers() {
    ModelEdit edit = new ModelEdit(chain(3, 9).toModel("old"));
    assertThatThrownBy(() -> edit.addOverridable(Tensors.floats("t", new float[] {5})))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("old")
        .hasMessageContaining("ir_version 3")
        .hasMessageContaining("'t'");
  }

  @Test
  void nodesKeepTheOrderInWhichTheyWereAdded() throws InvalidProtocolBufferException {
    ModelFile model = chain(8, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    Node mul = model.graph().nodes().get(0);
    edit.prepend(List.of(identity("x", "p1")));
    edit.prepend(List.of(identity("p1", "p2")));
    edit.insertAfter(mul, List.of(identity("m", "a1")));
    edit.insertAfter(mul, List.of(identity("a1", "a2"), identity("a2", "a3")));
    edit.append(List.of(identity("y", "e1")));
    edit.append(List.of(identity("e1", "e2")));
    edit.check();
    List<String> outputs =
        ModelProto.parseFrom(edit.toBytes()).getGraph().getNodeList().stream()
            .map(node -> node.getOutput(0))
            .toList();
    assertThat(outputs).containsExactly("p1", "p2", "m", "a1", "a2", "a3", "y", "e1", "e2");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 8})
  void whatIsNewMakesTheEditedModelBehindTheOriginal(int irVersion)
      throws OrtException, IOException {
    ModelFile model = chain(irVersion, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    edit.prepend(List.of(identity("x", "p")));
    edit.insertAfter(
        model.graph().nodes().get(0),
        List.of(Nodes.node("Add", List.of("m", "one"), List.of("a"), "add")));
    edit.append(List.of(Nodes.node("Add", List.of("a", "p"), List.of("z"), "sum")));
    edit.addInitializer(Tensors.floats("one", new float[] {1}));
    edit.addOutput(Values.tensor("z", ElementType.FLOAT, 1, 4));
    edit.importOpset("com.microsoft", 1);
    edit.check();

    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(chain(irVersion, 9).build().toByteArray());
    both.write(edit.appendix().orElseThrow());

    ModelProto joined = ModelProto.parseFrom(both.toByteArray());
    ModelProto written = ModelProto.parseFrom(edit.toBytes());
    assertThat(joined.getGraph().getNodeList().stream().map(node -> node.getOutput(0)))
        .containsExactly("m", "y", "p", "a", "z");
    assertThat(withoutNodes(joined)).isEqualTo(withoutNodes(written));
    // x = (1, 2, 3, 4): m = (1, -4, 9, -16), y = max(m, 0), z = m + 1 + x.
    assertThat(OrtRuns.run(both.toByteArray(), 1, 2, 3, 4)).containsExactly(1, 0, 9, 0);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(both.toByteArray());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(new float[] {1, 2, 3, 4}), new long[] {1, 4});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      assertThat(((float[][]) result.get(1).getValue())[0]).containsExactly(3, -1, 13, -11);
    }
  }

  @Test
  void nothingBehindTheOriginalChangesWhatIsThere() {
    ModelFile model = chain(8, 9).toModel("small");
    ModelEdit edited = new ModelEdit(model);
    edited.editNode(model.graph().nodes().get(0), node -> node.toBuilder().setName("n").build());
    ModelEdit mapped = new ModelEdit(model);
    mapped.mapInitializer(model.graph().initializers().get("w"), chunk -> {});
    ModelEdit described = new ModelEdit(model);
    described.putMetadata("made", "here");

    assertThat(edited.appendix()).isEmpty();
    assertThat(mapped.appendix()).isEmpty();
    assertThat(described.appendix()).isEmpty();
    assertThat(new ModelEdit(model).appendix()).hasValue(new byte[0]);
  }

  private static ModelProto withoutNodes(ModelProto model) {
    ModelProto.Builder builder = model.toBuilder();
    builder.getGraphBuilder().clearNode();
    return builder.build();
  }

  private static NodeProto identity(String input, String output) {
    return Nodes.node("Identity", List.of(input), List.of(output), "");
  }

  @Test
  void editsOfOneNodeAddUp() throws InvalidProtocolBufferException {
    ModelFile model = chain(8, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    Node mul = model.graph().nodes().get(0);
    edit.editNode(mul, node -> node.toBuilder().setName("renamed").build());
    edit.editNode(mul, node -> node.toBuilder().setDocString("twice").build());
    NodeProto written = ModelProto.parseFrom(edit.toBytes()).getGraph().getNode(0);
    assertThat(written.getName()).isEqualTo("renamed");
    assertThat(written.getDocString()).isEqualTo("twice");
    assertThat(written.getOutputList()).containsExactly("m");
  }

  @Test
  void aNodeWithALargeTensorIsEditedWhole() throws InvalidProtocolBufferException {
    ModelFile model = Samples.constants().toModel("m");
    ModelEdit edit = new ModelEdit(model);
    edit.editNode(
        model.graph().nodes().get(0), node -> node.toBuilder().setName("renamed").build());
    NodeProto written = ModelProto.parseFrom(edit.toBytes()).getGraph().getNode(0);
    NodeProto before = Samples.constants().build().getGraph().getNode(0);
    assertThat(written).isEqualTo(before.toBuilder().setName("renamed").build());
  }

  @Test
  void onlyNodesOfThisModelsMainGraphAreEdited() {
    ModelFile model = Samples.branches().toModel("m");
    ModelEdit edit = new ModelEdit(model);
    Node inner = model.graph().allNodes().get(3);
    assertThat(inner.name()).isEqualTo("choice/then_branch/times");
    Node foreign = Samples.chain().toModel("other").graph().nodes().get(0);
    for (Node node : List.of(inner, foreign)) {
      assertThatThrownBy(() -> edit.editNode(node, proto -> proto))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("main graph");
    }
  }

  @Test
  void metadataIsReplacedInPlaceOrAdded() throws InvalidProtocolBufferException {
    ModelFile model =
        Samples.chain().metadata("second", "2").metadata("author", "again").toModel("m");
    ModelEdit edit = new ModelEdit(model);
    edit.putMetadata("author", "else");
    edit.putMetadata("new", "value");
    ModelFile written = ModelFile.of("w", edit.toBytes());
    assertThat(written.metadata())
        .containsExactly(
            Map.entry("author", "else"), Map.entry("second", "2"), Map.entry("new", "value"));
    assertThat(ModelProto.parseFrom(edit.toBytes()).getGraph())
        .isEqualTo(Samples.chain().build().getGraph());
  }

  @Test
  void domainsAreImportedUnlessTheyAreAlready() {
    ModelFile model = Samples.chain().toModel("m");
    ModelEdit edit = new ModelEdit(model);
    edit.importOpset("", 7);
    assertThat(edit.isEmpty()).isTrue();
    edit.importOpset("some.where", 3);
    edit.append(
        List.of(
            NodeProto.newBuilder()
                .setOpType("Any")
                .setDomain("some.where")
                .addOutput("any")
                .build()));
    edit.check();
    ModelFile written = ModelFile.of("w", edit.toBytes());
    assertThat(written.opset("some.where")).isEqualTo(3);
    assertThat(written.opset("")).isEqualTo(model.opset(""));
  }

  @Test
  void typedValuesBecomeRawOnlyWhereTheyChange() throws InvalidProtocolBufferException {
    ModelFile model = Samples.typed().toModel("m");
    ModelEdit edit = new ModelEdit(model);
    Initializer half = model.graph().initializers().get("h");
    edit.mapInitializer(half, chunk -> chunk.putShort(2, (short) 0));
    edit.mapInitializer(half, chunk -> chunk.putShort(0, (short) (chunk.getShort(0) + 1)));
    GraphProto before = Samples.typed().build().getGraph();
    GraphProto written = ModelProto.parseFrom(edit.toBytes()).getGraph();
    assertThat(written.getInitializer(0)).isEqualTo(before.getInitializer(0));
    assertThat(written.getInitializer(1)).isEqualTo(before.getInitializer(1));
    assertThat(written.getInitializer(3)).isEqualTo(before.getInitializer(3));
    TensorProto changed = written.getInitializer(2);
    assertThat(changed.getInt32DataCount()).isZero();
    assertThat(changed.getRawData().toByteArray()).containsExactly(0x01, 0x3c, 0, 0);
    assertThat(changed.getName()).isEqualTo("h");
    assertThat(changed.getDimsList()).containsExactly(2L);
  }

  @Test
  void theStoredValuesOfASparseInitializerChange() {
    ModelFile model = Samples.sparse().toModel("m");
    ModelEdit edit = new ModelEdit(model);
    edit.mapInitializer(model.graph().initializers().get("w"), chunk -> chunk.putFloat(0, 8));
    ModelFile written = ModelFile.of("w", edit.toBytes());
    ByteBuffer values = written.data(written.graph().initializers().get("w")).toBuffer();
    float[] floats = new float[6];
    values.asFloatBuffer().get(floats);
    assertThat(floats).containsExactly(0, 8, 0, 0, 0, -6);
  }

  @Test
  void stringsCannotBeMapped() {
    ModelFile model = Samples.typed().toModel("m");
    Initializer strings = model.graph().initializers().get("s");
    assertThatThrownBy(() -> new ModelEdit(model).mapInitializer(strings, chunk -> {}))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'s'")
        .hasMessageContaining("string");
  }

  @Test
  void unknownFieldsSurvive() throws InvalidProtocolBufferException {
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(1000, UnknownFieldSet.Field.newBuilder().addVarint(7).addFixed32(9).build())
            .build();
    ModelProto model = Samples.chain().build();
    ModelProto marked =
        model.toBuilder()
            .setUnknownFields(unknown)
            .setGraph(
                model.getGraph().toBuilder()
                    .setUnknownFields(unknown)
                    .setNode(0, model.getGraph().getNode(0).toBuilder().setUnknownFields(unknown))
                    .setInitializer(
                        0,
                        model.getGraph().getInitializer(0).toBuilder().setUnknownFields(unknown)))
            .build();
    ModelFile scanned = ModelFile.of("m", marked.toByteArray());
    ModelEdit edit = new ModelEdit(scanned);
    edit.editNode(
        scanned.graph().nodes().get(0), node -> node.toBuilder().setDocString("x").build());
    edit.mapInitializer(scanned.graph().initializers().get("w"), chunk -> {});
    ModelProto written = ModelProto.parseFrom(edit.toBytes());
    assertThat(written.getUnknownFields()).isEqualTo(unknown);
    assertThat(written.getGraph().getUnknownFields()).isEqualTo(unknown);
    assertThat(written.getGraph().getNode(0).getUnknownFields()).isEqualTo(unknown);
    assertThat(written.getGraph().getInitializer(0)).isEqualTo(marked.getGraph().getInitializer(0));
  }

  @Test
  void aGraphInSeveralFieldsIsOneGraph() throws InvalidProtocolBufferException {
    ModelProto whole = Samples.chain().build();
    GraphProto head = whole.getGraph().toBuilder().removeNode(1).clearOutput().build();
    GraphProto tail =
        GraphProto.newBuilder()
            .addNode(whole.getGraph().getNode(1))
            .addAllOutput(whole.getGraph().getOutputList())
            .build();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(whole.toBuilder().setGraph(head).build().toByteArray());
    bytes.writeBytes(Wire.field(ModelProto.GRAPH_FIELD_NUMBER, tail));
    ModelFile model = ModelFile.of("split", bytes.toByteArray());
    assertThat(model.graph().nodes()).hasSize(2);
    ModelEdit edit = new ModelEdit(model);
    edit.append(List.of(identity("y", "z")));
    edit.check();
    GraphProto written = ModelProto.parseFrom(edit.toBytes()).getGraph();
    assertThat(written.toBuilder().removeNode(2).build()).isEqualTo(whole.getGraph());
  }
}
