package io.sparsescope.onnx;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.List;

/** Small models that between them use every corner of the format. */
final class Samples {
  private Samples() {}

  static List<byte[]> all() {
    return List.of(
        chain().toBytes(),
        branches().toBytes(),
        typed().toBytes(),
        sparse().toBytes(),
        functions().toBytes(),
        external("weights.bin", 0, 16).toBytes(),
        constants().toBytes());
  }

  static ModelBuilder chain() {
    return ModelBuilder.model(13)
        .metadata("author", "somebody")
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer("w", new float[] {1, -2, 3, -4}, 4)
        .node("Mul", List.of("x", "w"), List.of("m"), "mul")
        .node("Relu", List.of("m"), List.of("y"), "relu")
        .output("y", ElementType.FLOAT, 1, 4);
  }

  /** y = if sum(x) > 0 then x * w else -x, with w captured from outside. */
  static ModelBuilder branches() {
    GraphProto yes =
        ModelBuilder.model(13)
            .graphName("yes")
            .node("Mul", List.of("x", "w"), List.of("a"), "times")
            .output("a", ElementType.FLOAT, 1, 4)
            .graph();
    GraphProto no =
        ModelBuilder.model(13)
            .graphName("no")
            .initializer("minus", new float[] {-1})
            .node("Mul", List.of("x", "minus"), List.of("b"), "")
            .output("b", ElementType.FLOAT, 1, 4)
            .graph();
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer("w", new float[] {1, -2, 3, -4}, 4)
        .initializer("zero", new float[] {0})
        .node("ReduceSum", List.of("x"), List.of("s"), "sum", Nodes.integer("keepdims", 0))
        .node("Greater", List.of("s", "zero"), List.of("c"), "positive")
        .node(
            "If",
            List.of("c"),
            List.of("y"),
            "choice",
            Nodes.graph("then_branch", yes),
            Nodes.graph("else_branch", no))
        .output("y", ElementType.FLOAT, 1, 4);
  }

  static ModelBuilder typed() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer(
            Tensors.of("f", ElementType.FLOAT, 4)
                .addAllFloatData(List.of(1f, -2f, 3f, -4f))
                .build())
        .initializer(
            Tensors.of("i", ElementType.INT64, 3).addAllInt64Data(List.of(1L, -1L, 300L)).build())
        .initializer(
            Tensors.of("h", ElementType.FLOAT16, 2)
                .addAllInt32Data(List.of(0x3c00, 0xbc00))
                .build())
        .initializer(
            Tensors.of("s", ElementType.STRING, 2)
                .addStringData(ByteString.copyFromUtf8("a"))
                .addStringData(ByteString.copyFromUtf8("b"))
                .build())
        .node("Mul", List.of("x", "f"), List.of("y"), "mul")
        .output("y", ElementType.FLOAT, 1, 4);
  }

  static ModelBuilder sparse() {
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 2, 3)
        .sparseInitializer(
            SparseTensorProto.newBuilder()
                .setValues(Tensors.floats("w", new float[] {5, -6}, 2))
                .setIndices(Tensors.int64s("", new long[] {1, 5}, 2))
                .addDims(2)
                .addDims(3)
                .build())
        .node("Mul", List.of("x", "w"), List.of("y"), "mul")
        .output("y", ElementType.FLOAT, 2, 3);
  }

  static ModelBuilder functions() {
    FunctionProto twice =
        FunctionProto.newBuilder()
            .setName("Twice")
            .setDomain("own")
            .addInput("a")
            .addOutput("b")
            .addNode(Nodes.node("Add", List.of("a", "a"), List.of("b"), "add"))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
            .build();
    return ModelBuilder.model(13)
        .importing("own", 1)
        .function(twice)
        .input("x", ElementType.FLOAT, 1, 4)
        .node(Nodes.node("own", "Twice", List.of("x"), List.of("y"), "twice"))
        .output("y", ElementType.FLOAT, 1, 4);
  }

  /** y = x * w, with w in a file. */
  static ModelBuilder external(String location, long offset, long length) {
    TensorProto.Builder tensor =
        Tensors.of("w", ElementType.FLOAT, 4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", Long.toString(offset)));
    if (length >= 0) {
      tensor.addExternalData(entry("length", Long.toString(length)));
    }
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer(tensor.build())
        .node("Mul", List.of("x", "w"), List.of("y"), "mul")
        .output("y", ElementType.FLOAT, 1, 4);
  }

  /** A Constant of 80 KiB, which a scan leaves out, and small ones. */
  static ModelBuilder constants() {
    float[] values = new float[20_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    AttributeProto large = Nodes.tensor("value", Tensors.floats("t", values, 20_000));
    return ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, 20_000)
        .node("Constant", List.of(), List.of("large"), "large", large)
        .node("Constant", List.of(), List.of("small"), "small", Nodes.real("value_float", 2))
        .node("Add", List.of("x", "large"), List.of("sum"), "sum")
        .node("Mul", List.of("sum", "small"), List.of("y"), "mul")
        .output("y", ElementType.FLOAT, 20_000);
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
