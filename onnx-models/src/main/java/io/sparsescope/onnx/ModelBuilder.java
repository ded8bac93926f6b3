package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Builds small models in memory. Nodes are written in the order in which they are added. Not safe
 * for use by several threads.
 */
public final class ModelBuilder {
  private static final int CONSTANT_INPUTS_IR = 3;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("graph");
  private final ModelProto.Builder model =
      ModelProto.newBuilder().setProducerName("sparsescope").setIrVersion(8);

  private ModelBuilder() {}

  /** A model of ONNX's own operators in version {@code opset}, at ir_version 8. */
  public static ModelBuilder model(int opset) {
    return new ModelBuilder().importing("", opset);
  }

  /** Imports another operator set. */
  public ModelBuilder importing(String domain, int version) {
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    return this;
  }

  /** Sets the ir_version. At 3, initializers added afterwards are listed as inputs too. */
  public ModelBuilder irVersion(long version) {
    model.setIrVersion(version);
    return this;
  }

  /** Names the graph. */
  public ModelBuilder graphName(String name) {
    graph.setName(name);
    return this;
  }

  /** Adds a metadata_props entry. */
  public ModelBuilder metadata(String key, String value) {
    model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    return this;
  }

  /** Adds an input; a negative dimension is one that is not known. */
  public ModelBuilder input(String name, ElementType type, long... dims) {
    graph.addInput(Values.tensor(name, type, dims));
    return this;
  }

  /** Adds an output; a negative dimension is one that is not known. */
  public ModelBuilder output(String name, ElementType type, long... dims) {
    graph.addOutput(Values.tensor(name, type, dims));
    return this;
  }

  /** Adds an output of unknown shape. */
  public ModelBuilder unshapedOutput(String name, ElementType type) {
    graph.addOutput(Values.unshaped(name, type));
    return this;
  }

  /** Declares the type of a tensor inside the graph. */
  public ModelBuilder valueInfo(ValueInfoProto info) {
    graph.addValueInfo(info);
    return this;
  }

  /** Adds a float32 initializer; no {@code dims} make a scalar. */
  public ModelBuilder initializer(String name, float[] values, long... dims) {
    return initializer(Tensors.floats(name, values, dims));
  }

  /** Adds an int64 initializer; no {@code dims} make a scalar. */
  public ModelBuilder initializer(String name, long[] values, long... dims) {
    return initializer(Tensors.int64s(name, values, dims));
  }

  /** Adds an initializer of any type. */
  public ModelBuilder initializer(TensorProto tensor) {
    graph.addInitializer(tensor);
    if (model.getIrVersion() <= CONSTANT_INPUTS_IR) {
      graph.addInput(Values.like(tensor));
    }
    return this;
  }

  /** Adds an initializer of which only the non-zero values are stored. */
  public ModelBuilder sparseInitializer(SparseTensorProto tensor) {
    graph.addSparseInitializer(tensor);
    return this;
  }

  /** Adds a node of one of ONNX's own operators. */
  public ModelBuilder node(
      String op,
      List<String> inputs,
      List<String> outputs,
      String name,
      AttributeProto... attributes) {
    return node(Nodes.node(op, inputs, outputs, name, attributes));
  }

  /** Adds a node. */
  public ModelBuilder node(NodeProto node) {
    graph.addNode(node);
    return this;
  }

  /** Adds a local function. */
  public ModelBuilder function(FunctionProto function) {
    model.addFunctions(function);
    return this;
  }

  /** The graph alone, to be the body of an If, Loop or Scan. */
  public GraphProto graph() {
    return graph.build();
  }

  /** The model as a message. */
  public ModelProto build() {
    return model.clone().setGraph(graph).build();
  }

  /** The model as the bytes of its file. */
  public byte[] toBytes() {
    return build().toByteArray();
  }

  /** The model, scanned. */
  public ModelFile toModel(String name) {
    return ModelFile.of(name, toBytes());
  }

  /**
   * Writes the model to a file: into a temporary one beside it, then moved into place.
   *
   * @throws OnnxException if it cannot be written
   */
  public Path writeTo(Path file) {
    try (StagedFiles files = new StagedFiles()) {
      files.stage(file.toAbsolutePath(), channel -> channel.write(ByteBuffer.wrap(toBytes())));
      files.commit();
      return file;
    } catch (IOException e) {
      throw new OnnxException(file + ": cannot be written: " + Failures.reason(e), e);
    }
  }
}
