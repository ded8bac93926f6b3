package io.sparsescope.agent.it;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Small models: x [n, 8] through Gemm and Relu to r1 [n, 16], through MatMul, Add and Relu to y [n,
 * 4], and from y to z (Softmax), sum (ReduceSum) and q (Cast to int32, so the taps must read an
 * output of the model's own); from r1 through Cast to k [n, 16] int32 and ReduceSum to ksum.
 */
public final class TestModels {
  private static final int FLOAT = 1;
  private static final int INT32 = 6;

  private TestModels() {}

  /** The model tiny. */
  public static byte[] tiny() throws IOException {
    return model("tiny", false, false, null).toByteArray();
  }

  /**
   * The model tiny with another output, wide [n, 12288], which w3 [16, 12288] makes of r1: sessions
   * take 768 KiB more.
   */
  static byte[] wide() throws IOException {
    ModelProto tiny = model("tiny", false, false, null);
    GraphProto.Builder graph = tiny.getGraph().toBuilder();
    graph.addOutput(value("wide", 12288));
    graph.addInitializer(weights("w3", new Random(4), null, 16, 12288));
    graph.addNode(node("fc3", "MatMul", "wide", "r1", "w3"));
    return tiny.toBuilder().setGraph(graph).build().toByteArray();
  }

  /** Writes them all: tiny, other (the same under another name), exposed, external, bad. */
  static void writeTo(Path folder) throws IOException {
    Files.write(folder.resolve("tiny.onnx"), model("tiny", false, false, null).toByteArray());
    Files.write(folder.resolve("other.onnx"), model("other", false, false, null).toByteArray());
    Files.write(folder.resolve("exposed.onnx"), model("exposed", true, false, null).toByteArray());
    Path data = folder.resolve("external.data");
    Files.write(
        folder.resolve("external.onnx"), model("external", false, false, data).toByteArray());
    Files.write(folder.resolve("bad.onnx"), model("bad", false, true, null).toByteArray());
  }

  private static ModelProto model(String name, boolean exposed, boolean bad, Path externalData)
      throws IOException {
    Random random = new Random(3);
    GraphProto.Builder graph = GraphProto.newBuilder().setName(name + " graph");
    graph.addInput(value("x", 8));
    graph.addOutput(value("y", 4));
    graph.addOutput(value("z", 4));
    graph.addOutput(value("sum", 0));
    graph.addOutput(value("q", 4, INT32));
    graph.addOutput(value("ksum", 0, INT32));
    if (exposed) {
      graph.addOutput(value("r1", 16));
      graph.addOutput(value("k", 16, INT32));
    }
    graph.addInitializer(weights("w1", random, externalData, 8, 16));
    graph.addInitializer(weights("b1", random, null, 16));
    graph.addInitializer(weights("w2", random, null, 16, 4));
    graph.addInitializer(weights("b2", random, null, 4));
    graph.addNode(node("fc1", "Gemm", "h1", "x", "w1", "b1"));
    graph.addNode(node("relu1", bad ? "NoSuchOperator" : "Relu", "r1", "h1"));
    graph.addNode(node("fc2", "MatMul", "h2", "r1", "w2"));
    graph.addNode(node("bias2", "Add", "a2", "h2", "b2"));
    graph.addNode(node("relu2", "Relu", "y", "a2"));
    graph.addNode(node("softmax", "Softmax", "z", "y"));
    graph.addNode(node("reduce", "ReduceSum", "sum", "y").addAttribute(attribute("keepdims", 0)));
    graph.addNode(node("cast1", "Cast", "k", "r1").addAttribute(attribute("to", INT32)));
    graph.addNode(node("reduce2", "ReduceSum", "ksum", "k").addAttribute(attribute("keepdims", 0)));
    graph.addNode(node("cast2", "Cast", "q", "y").addAttribute(attribute("to", INT32)));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("test")
        .setDocString("a model")
        .setModelVersion(5)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("k").setValue("v"))
        .setGraph(graph)
        .build();
  }

  private static AttributeProto attribute(String name, int value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static NodeProto.Builder node(String name, String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName(name)
        .setOpType(op)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  /** A float tensor [n, columns], or a scalar for no columns. */
  private static ValueInfoProto value(String name, int columns) {
    return value(name, columns, FLOAT);
  }

  private static ValueInfoProto value(String name, int columns, int type) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    if (columns > 0) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("n"));
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(columns));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  private static TensorProto weights(String name, Random random, Path externalData, int... dims)
      throws IOException {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(1);
    int elements = 1;
    for (int dim : dims) {
      tensor.addDims(dim);
      elements *= dim;
    }
    ByteBuffer values = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      values.putFloat((float) random.nextGaussian());
    }
    if (externalData == null) {
      return tensor.setRawData(ByteString.copyFrom(values.array())).build();
    }
    Path file = externalData.resolveSibling(externalData.getFileName() + "." + name);
    Files.write(file, values.array());
    return tensor
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            StringStringEntryProto.newBuilder()
                .setKey("location")
                .setValue(file.getFileName().toString()))
        .build();
  }
}
