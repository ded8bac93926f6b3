package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transforms that users write as ONNX files. */
class FunctionFileTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isCopiedInWhereverItIsUsed(boolean function) throws IOException {
    if (function) {
      Files.write(folder.resolve("triple.onnx"), tripleFunction(13).toByteArray());
    } else {
      tripleGraph(13, ElementType.FLOAT).writeTo(folder.resolve("triple.onnx"));
    }
    Rewrite r = plan(rules("{match: '**', transform: 'file:triple.onnx'}"), 13, ElementType.FLOAT);
    assertThat(r.transformations())
        .extracting(Transformation::transform)
        .containsExactly(
            "file:" + folder.resolve("triple.onnx"), "file:" + folder.resolve("triple.onnx"));
    // Three times in each of two nodes.
    assertThat(run(r, new float[] {1, -2})).containsExactly(9, -18);
  }

  @Test
  void keepsSubgraphsThatReadAroundThem() throws IOException {
    // If the sum is positive x + c, else x - c; both branches name their tensor alike.
    ModelBuilder file =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1)
            .initializer("c", new float[] {10})
            .initializer("zero", new float[] {0})
            .node("ReduceSum", List.of("x"), List.of("sum"), "", Nodes.integer("keepdims", 0))
            .node("Greater", List.of("sum", "zero"), List.of("positive"), "")
            .node(
                "If",
                List.of("positive"),
                List.of("out"),
                "n",
                Nodes.graph("then_branch", branch("Add")),
                Nodes.graph("else_branch", branch("Sub")))
            .output("out", ElementType.FLOAT, -1);
    file.writeTo(folder.resolve("if.onnx"));
    Rewrite r = plan(rules("{match: two, transform: 'file:if.onnx'}"), 13, ElementType.FLOAT);
    assertThat(run(r, new float[] {1, 2})).containsExactly(11, 12);
    assertThat(run(r, new float[] {-1, -2})).containsExactly(-11, -12);
  }

  @Test
  void takesHalvesAsFloats() throws IOException {
    tripleGraph(13, ElementType.FLOAT).writeTo(folder.resolve("t.onnx"));
    String rules = "{match: two, transform: 'file:t.onnx'}";
    Rewrite r = plan(rules(rules), 13, ElementType.FLOAT16);
    Tensor x = Tensor.shorts(ElementType.FLOAT16, new short[] {0x3c00}, 1);
    Tensor y = Ort.run(r.edit().toBytes(), Map.of("x", x)).get("y");
    assertThat(y.values().getShort(0)).isEqualTo((short) 0x4200);
    Rewrite wide = plan(rules(rules), 13, ElementType.DOUBLE);
    assertThat(wide.skipped())
        .extracting(Skip::reason)
        .containsExactly(
            folder.resolve("t.onnx")
                + " takes and makes float32, but float64 tensors are handed over as float64");
  }

  @Test
  void cannotBeBaked() throws IOException {
    tripleGraph(13, ElementType.FLOAT).writeTo(folder.resolve("t.onnx"));
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 1)
            .initializer("w", new float[] {2}, 1, 1)
            .node("MatMul", List.of("x", "w"), List.of("y"), "fc")
            .output("y", ElementType.FLOAT, 1, 1);
    Path baked = write("weights: [{match: fc, transform: 'file:t.onnx', bake: true}]");
    Rewrite r = new Rewriter(Rules.read(baked), false, true).plan(model.toModel("m"));
    assertThat(r.skipped())
        .extracting(Skip::reason)
        .containsExactly(
            "file:" + folder.resolve("t.onnx") + " is known as nodes only, leave out bake");
    Path nodes = write("weights: [{match: fc, transform: 'file:t.onnx'}]");
    r = new Rewriter(Rules.read(nodes), false, true).plan(model.toModel("m"));
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {5}, 1, 1));
    assertThat(Ort.run(r.edit().toBytes(), feed).get("y").floats()).containsExactly(30);
  }

  @Test
  void namesFileAndRemedyOfAnotherOpset() throws IOException {
    tripleGraph(14, ElementType.FLOAT).writeTo(folder.resolve("t.onnx"));
    Rules rules = rules("{match: two, transform: 'file:t.onnx'}");
    assertThatThrownBy(() -> plan(rules, 13, ElementType.FLOAT))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            folder.resolve("t.onnx")
                + ": imports version 14 of ai.onnx, the model with tensor y version 13: make the"
                + " file for version 13, for example by onnx.version_converter");
  }

  @Test
  void namesFileAndRemedyOfWhatIsNoTransform() throws IOException {
    assertFault("none.onnx: no such file: check the transform's path");
    Files.writeString(folder.resolve("none.onnx"), "no model at all");
    assertFault("none.onnx: is not an ONNX file: give a model file");
    Files.write(folder.resolve("none.onnx"), new byte[0]);
    assertFault(
        "none.onnx: its graph has 0 inputs and 0 outputs: a transform takes one tensor and makes"
            + " one");
    ModelProto function = tripleFunction(13);
    FunctionProto parameter = function.getFunctions(0).toBuilder().addAttribute("alpha").build();
    Files.write(
        folder.resolve("none.onnx"),
        function.toBuilder().setFunctions(0, parameter).build().toByteArray());
    assertFault(
        "none.onnx: function Triple has attributes, which a rule cannot give it: write them into"
            + " its nodes");
    Files.write(
        folder.resolve("none.onnx"),
        function.toBuilder().addFunctions(parameter).build().toByteArray());
    assertFault(
        "none.onnx: holds 2 functions and a graph of 0 nodes: give it one function and no graph,"
            + " or a graph and no function");
    ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1)
        .node("Cast", List.of("x"), List.of("y"), "", Nodes.integer("to", 11))
        .output("y", ElementType.DOUBLE, -1)
        .writeTo(folder.resolve("none.onnx"));
    assertFault("none.onnx: takes float32 and makes float64: a transform keeps the type");
  }

  private void assertFault(String message) throws IOException {
    Path file = write("activations: [{match: a, transform: 'file:none.onnx'}]");
    assertThatThrownBy(() -> Rules.read(file))
        .isInstanceOf(RewriteException.class)
        .hasMessage(file + ": activations[0]: " + folder + "/" + message);
  }

  private static io.sparsescope.onnx.proto.GraphProto branch(String op) {
    return ModelBuilder.model(13)
        .node(op, List.of("x", "c"), List.of("result"), "inner")
        .output("result", ElementType.FLOAT, -1)
        .graph();
  }

  private static ModelBuilder tripleGraph(int opset, ElementType type) {
    return ModelBuilder.model(opset)
        .input("x", type, -1)
        .initializer(Tensors.floats("y", new float[] {2}))
        .node("Mul", List.of("x", "y"), List.of("twice"), "n")
        .node("Add", List.of("twice", "x"), List.of("out"), "n")
        .output("out", type, -1);
  }

  private static ModelProto tripleFunction(int opset) {
    FunctionProto triple =
        FunctionProto.newBuilder()
            .setName("Triple")
            .setDomain("mine")
            .addInput("x")
            .addOutput("y")
            .addNode(Nodes.node("Add", List.of("x", "x"), List.of("twice"), ""))
            .addNode(Nodes.node("Add", List.of("twice", "x"), List.of("y"), ""))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .build();
    return ModelProto.newBuilder().setIrVersion(8).addFunctions(triple).build();
  }

  private Rules rules(String activation) throws IOException {
    return Rules.read(write("activations: [" + activation + "]"));
  }

  private Path write(String rules) throws IOException {
    return Files.writeString(folder.resolve("rules.yaml"), rules);
  }

  private static Rewrite plan(Rules rules, int opset, ElementType type) {
    ModelBuilder model =
        ModelBuilder.model(opset)
            .input("x", type, -1)
            .node("Identity", List.of("x"), List.of("a"), "one")
            .node("Identity", List.of("a"), List.of("y"), "two")
            .output("y", type, -1);
    return new Rewriter(rules, false, true).plan(model.toModel("m"));
  }

  private static float[] run(Rewrite r, float[] x) {
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(x, x.length));
    return Ort.run(r.edit().toBytes(), feed).get("y").floats();
  }
}
