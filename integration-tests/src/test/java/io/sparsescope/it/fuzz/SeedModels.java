package io.sparsescope.it.fuzz;

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
import java.util.List;

/** Small models with what the backend suite lacks; also the only seeds where it is absent. */
final class SeedModels {
  private SeedModels() {}

  static List<byte[]> small() {
    return List.of(
        model(layers().build()).toByteArray(),
        model(layers().setInitializer(0, external()).build()).toByteArray(),
        model(branches().build()).toByteArray());
  }

  private static ModelProto model(GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("seed")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("k").setValue("v"))
        .setGraph(graph)
        .build();
  }

  /** x, MatMul, Add, Relu, y. */
  private static GraphProto.Builder layers() {
    return GraphProto.newBuilder()
        .setName("layers")
        .addInput(value("x"))
        .addOutput(value("y"))
        .addInitializer(weight())
        .addInitializer(
            TensorProto.newBuilder()
                .setName("b")
                .setDataType(1)
                .addDims(2)
                .addFloatData(1)
                .addFloatData(0))
        .addNode(node("MatMul", "h", "x", "w"))
        .addNode(node("Add", "s", "h", "b"))
        .addNode(node("Relu", "y", "s"));
  }

  private static TensorProto weight() {
    return TensorProto.newBuilder()
        .setName("w")
        .setDataType(1)
        .addDims(2)
        .addDims(2)
        .setRawData(ByteString.copyFrom(new byte[16]))
        .build();
  }

  private static TensorProto external() {
    return TensorProto.newBuilder()
        .setName("w")
        .setDataType(1)
        .addDims(2)
        .addDims(2)
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", "weights.bin"))
        .addExternalData(entry("offset", "4096"))
        .addExternalData(entry("length", "16"))
        .build();
  }

  /** An If whose branches read an outer tensor. */
  private static GraphProto.Builder branches() {
    GraphProto branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addNode(node("Relu", "inner", "x"))
            .addOutput(value("inner"))
            .build();
    NodeProto choose =
        NodeProto.newBuilder()
            .setOpType("If")
            .setName("choose")
            .addInput("c")
            .addOutput("y")
            .addAttribute(attribute("then_branch", branch))
            .addAttribute(attribute("else_branch", branch))
            .build();
    TensorProto condition =
        TensorProto.newBuilder().setName("c").setDataType(9).addInt32Data(1).build();
    return GraphProto.newBuilder()
        .setName("branches")
        .addInput(value("x"))
        .addOutput(value("y"))
        .addInitializer(condition)
        .addNode(choose);
  }

  private static AttributeProto attribute(String name, GraphProto graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static NodeProto node(String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .setName(op + "_" + output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static ValueInfoProto value(String name) {
    TensorShapeProto.Dimension two = TensorShapeProto.Dimension.newBuilder().setDimValue(2).build();
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(1)
                        .setShape(TensorShapeProto.newBuilder().addDim(two).addDim(two))))
        .build();
  }
}
