package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GraphIndexTest {

  @Test
  void linksProducersAndConsumers() {
    Graph graph = Samples.chain().toModel("m").graph();
    Node mul = graph.nodes().get(0);
    Node relu = graph.nodes().get(1);
    assertThat(graph.producer("m")).contains(mul);
    assertThat(graph.producer("x")).isEmpty();
    assertThat(graph.consumers("m")).containsExactly(relu);
    assertThat(graph.consumers("y")).isEmpty();
    assertThat(graph.isOutput("y")).isTrue();
    assertThat(graph.isOutput("m")).isFalse();
    assertThat(graph.initializers()).containsOnlyKeys("w");
  }

  @Test
  void aNodeThatReadsATensorTwiceIsListedOnce() {
    Graph graph =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1)
            .node("Mul", List.of("x", "x"), List.of("y"), "square")
            .toModel("m")
            .graph();
    assertThat(graph.consumers("x")).hasSize(1);
  }

  @Test
  void capturesOfSubgraphsCountAsReads() {
    Graph graph = Samples.branches().toModel("m").graph();
    Node choice = graph.nodes().get(2);
    assertThat(graph.consumers("w")).containsExactly(choice);
    assertThat(graph.consumers("x")).containsExactly(graph.nodes().get(0), choice);
    assertThat(graph.consumers("minus")).isEmpty();
    assertThat(graph.consumers("a")).isEmpty();
  }

  @Test
  void nodesOfSubgraphsAreNamedByPath() {
    Graph graph = Samples.branches().toModel("m").graph();
    assertThat(graph.allNodes())
        .extracting(Node::name)
        .containsExactly(
            "sum", "positive", "choice", "choice/then_branch/times", "choice/else_branch/b");
    Node inner = graph.allNodes().get(3);
    assertThat(inner.parent()).contains(graph.nodes().get(2));
    assertThat(inner.index()).isZero();
  }

  @Test
  void theStandardDomainHasTwoNames() {
    ModelFile model =
        ModelBuilder.model(13)
            .importing("com.microsoft", 1)
            .node(Nodes.node("ai.onnx", "Relu", List.of("x"), List.of("y"), "relu"))
            .toModel("m");
    assertThat(model.opset("")).isEqualTo(13);
    assertThat(model.opset("ai.onnx")).isEqualTo(13);
    assertThat(model.opset("com.microsoft")).isEqualTo(1);
    assertThat(model.opset("other")).isZero();
    assertThat(model.graph().nodes().get(0).isStandard()).isTrue();
    assertThat(model.graph().nodes().get(0).domain()).isEmpty();
  }

  @Test
  void typesFollowTheGraph() {
    Graph graph =
        ModelBuilder.model(13)
            .importing("own", 1)
            .input("x", ElementType.FLOAT16, -1, 3, 8, 8)
            .initializer("k", new float[27], 1, 3, 3, 3)
            .initializer("shape", new long[] {0, -1}, 2)
            .node("Cast", List.of("x"), List.of("f"), "cast", Nodes.integer("to", 1))
            .node("Conv", List.of("f", "k"), List.of("c"), "conv")
            .node("Relu", List.of("c"), List.of("r"), "relu")
            .node("Reshape", List.of("r", "shape"), List.of("flat"), "reshape")
            .node("Less", List.of("flat", "flat"), List.of("less"), "less")
            .node("Shape", List.of("r"), List.of("sizes"), "sizes")
            .node(Nodes.node("own", "Mystery", List.of("r"), List.of("mystery"), "mystery"))
            .node("Relu", List.of("mystery"), List.of("after"), "after")
            .toModel("m")
            .graph();
    assertThat(graph.type("x")).contains(of(ElementType.FLOAT16, 4));
    assertThat(graph.type("k")).contains(of(ElementType.FLOAT, 4));
    assertThat(graph.type("r")).contains(of(ElementType.FLOAT, 4));
    assertThat(graph.type("flat")).contains(of(ElementType.FLOAT, 2));
    assertThat(graph.type("less")).contains(of(ElementType.BOOL, 2));
    assertThat(graph.type("sizes")).contains(of(ElementType.INT64, 1));
    assertThat(graph.type("mystery")).isEmpty();
    assertThat(graph.type("after")).isEmpty();
    assertThat(graph.type("nowhere")).isEmpty();
  }

  @Test
  void typesOfAnIfComeFromItsBranches() {
    Graph graph = Samples.branches().toModel("m").graph();
    assertThat(graph.type("y")).contains(of(ElementType.FLOAT, 2));
  }

  @Test
  void ofLocalFunctionsNothingIsKnown() {
    Graph graph =
        Samples.functions()
            .node("Relu", List.of("y"), List.of("z"), "relu")
            .node(Nodes.node("own", "Twice", List.of("x"), List.of("u"), "again"))
            .toModel("m")
            .graph();
    assertThat(graph.type("u")).isEmpty();
  }

  private static TensorType of(ElementType element, int rank) {
    return new TensorType(element, OptionalInt.of(rank));
  }
}
