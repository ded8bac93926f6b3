package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphCheckTest {

  private static ModelBuilder model() {
    return ModelBuilder.model(8).input("x", ElementType.FLOAT, 4);
  }

  private static NodeProto relu(String input, String output) {
    return Nodes.node("Relu", List.of(input), List.of(output), "relu_" + output);
  }

  private static void refuses(ModelBuilder builder, String... words) {
    refuses(new ModelEdit(builder.toModel("bad")), words);
  }

  private static void refuses(ModelEdit edit, String... words) {
    assertThatThrownBy(edit::check)
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("bad: ")
        .hasMessageContainingAll(words);
  }

  @Test
  void namesANodeOfACycle() {
    refuses(
        model()
            .node(Nodes.node("Add", List.of("x", "c"), List.of("a"), "first"))
            .node(relu("a", "b"))
            .node(relu("b", "c"))
            .node(relu("c", "y"))
            .output("y", ElementType.FLOAT, 4),
        "cyclic",
        "first");
  }

  @Test
  void namesTheNodeThatReadsTooEarly() {
    refuses(
        model().node(relu("a", "y")).node(relu("x", "a")).output("y", ElementType.FLOAT, 4),
        "'relu_y'",
        "'a'",
        "before",
        "'relu_a'");
  }

  @Test
  void namesWhatNothingProduces() {
    refuses(
        model().node(relu("ghost", "y")).output("y", ElementType.FLOAT, 4), "'ghost'", "'relu_y'");
    refuses(model().node(relu("x", "y")).output("z", ElementType.FLOAT, 4), "'z'", "output");
  }

  @Test
  void namesWhatIsProducedTwice() {
    refuses(
        model().node(relu("x", "y")).node(relu("x", "y")).output("y", ElementType.FLOAT, 4),
        "'y'",
        "already");
    refuses(model().node(relu("x", "x")).output("x", ElementType.FLOAT, 4), "'x'", "already");
  }

  @Test
  void namesInitializersAndInputsThatAreThereTwice() {
    refuses(
        model().initializer("w", new float[] {1}, 1).initializer("w", new float[] {2}, 1),
        "initializer 'w'",
        "twice");
    refuses(model().input("x", ElementType.FLOAT, 4), "input 'x'", "twice");
    refuses(
        model()
            .node(relu("x", "y"))
            .output("y", ElementType.FLOAT, 4)
            .output("y", ElementType.FLOAT, 4),
        "output 'y'",
        "twice");
  }

  @Test
  void looksIntoSubgraphs() {
    GraphProto body =
        ModelBuilder.model(8)
            .node(relu("ghost", "inner"))
            .output("inner", ElementType.FLOAT, 4)
            .graph();
    refuses(
        model()
            .input("c", ElementType.BOOL)
            .node(
                "If",
                List.of("c"),
                List.of("y"),
                "choice",
                Nodes.graph("then_branch", body),
                Nodes.graph("else_branch", body))
            .output("y", ElementType.FLOAT, 4),
        "'choice'",
        "'ghost'");
  }

  @Test
  void subgraphsMaySeeOuterNamesAndRepeatEachOthers() {
    Samples.branches().toModel("good").validate();
  }

  private static ModelEdit edit() {
    return new ModelEdit(
        model().node(relu("x", "y")).output("y", ElementType.FLOAT, 4).toModel("bad"));
  }

  @Test
  void namesNewOperatorsThatTheOpsetLacks() {
    ModelEdit edit = edit();
    edit.append(List.of(Nodes.node("Shrink", List.of("y"), List.of("z"), "shrink")));
    refuses(edit, "'shrink'", "opset 9", "has 8");
  }

  @Test
  void namesNewOperatorsOfADomainThatIsNotImported() {
    ModelEdit edit = edit();
    edit.append(List.of(Nodes.node("com.microsoft", "Gelu", List.of("y"), List.of("z"), "gelu")));
    refuses(edit, "'gelu'", "com.microsoft", "import");
  }

  @Test
  void namesNewNodesAndTensorsWhoseNameIsTaken() {
    ModelEdit node = edit();
    node.append(List.of(Nodes.node("Relu", List.of("y"), List.of("z"), "relu_y")));
    refuses(node, "'relu_y'", "taken");
    ModelEdit tensor = edit();
    tensor.append(List.of(Nodes.node("Relu", List.of("x"), List.of("y"), "new")));
    refuses(tensor, "'y'", "already");
    ModelEdit initializer = edit();
    initializer.addInitializer(Tensors.floats("y", new float[] {1}));
    refuses(initializer, "'y'", "already");
  }

  @Test
  void namesTypesThatDoNotFit() {
    ModelEdit mixed = edit();
    mixed.addInitializer(Tensors.int64s("one", new long[] {1}));
    mixed.append(List.of(Nodes.node("Add", List.of("y", "one"), List.of("z"), "add")));
    refuses(mixed, "'add'", "'one' is int64, not float32");
    ModelEdit output = edit();
    output.append(List.of(Nodes.node("Shape", List.of("y"), List.of("z"), "shape")));
    output.addOutput(Values.tensor("z", ElementType.FLOAT, 1));
    refuses(output, "'z' is int64, not float32");
  }

  @Test
  void namesTheCycleThatAnEditMakes() {
    ModelFile model =
        model()
            .node(relu("x", "a"))
            .node(relu("a", "y"))
            .output("y", ElementType.FLOAT, 4)
            .toModel("bad");
    ModelEdit edit = new ModelEdit(model);
    edit.editNode(model.graph().nodes().get(0), node -> node.toBuilder().setInput(0, "y").build());
    refuses(edit, "cyclic", "relu_");
  }
}
