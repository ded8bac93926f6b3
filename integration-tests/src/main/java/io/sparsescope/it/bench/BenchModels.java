package io.sparsescope.it.bench;

import com.google.protobuf.ByteString;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Makes the models that the benchmarks work on. */
final class BenchModels {
  private static final int FLOAT = 1;

  private BenchModels() {}

  /**
   * Writes ResNet-50 with random weights inside the file (102 MB): the published graph, whose
   * weights are ConstantOfShape nodes, with initializers in their place.
   *
   * @param dynamicBatch whether the batch size is left open
   */
  static void resnet50(Path out, boolean dynamicBatch) throws IOException {
    Path light =
        Repository.shared("models/onnx_light/light_resnet50.onnx")
            .orElseThrow(() -> new IllegalStateException("../shared/models/onnx_light is absent"));
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(light)).toBuilder();
    fillWeights(model.getGraphBuilder());
    if (dynamicBatch) {
      openBatch(model.getGraphBuilder());
    }
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(out), 1 << 20)) {
      model.build().writeTo(stream);
    }
  }

  /**
   * Writes a model of {@code layers} layers (MatMul, Relu) whose weights, 1 GiB each, lie in a
   * sparse file {@code weights.bin} beside it.
   */
  static void external(Path out, int layers) throws IOException {
    long weight = 1L << 30;
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("external")
            .addInput(value("t0"))
            .addOutput(value("t" + layers));
    for (int i = 0; i < layers; i++) {
      graph.addInitializer(
          TensorProto.newBuilder()
              .setName("w" + i)
              .setDataType(FLOAT)
              .addDims(16384)
              .addDims(16384)
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", "weights.bin"))
              .addExternalData(entry("offset", Long.toString(i * weight)))
              .addExternalData(entry("length", Long.toString(weight))));
      graph.addNode(node("MatMul", "h" + i, "t" + i, "w" + i));
      graph.addNode(node("Relu", "t" + (i + 1), "h" + i));
    }
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
            .setGraph(graph)
            .build();
    Files.write(out, model.toByteArray());
    try (RandomAccessFile data =
        new RandomAccessFile(out.resolveSibling("weights.bin").toFile(), "rw")) {
      data.setLength(layers * weight);
    }
  }

  private static void fillWeights(GraphProto.Builder graph) {
    Map<String, TensorProto> shapes = new HashMap<>();
    graph.getInitializerList().forEach(tensor -> shapes.put(tensor.getName(), tensor));
    Random random = new Random(50);
    List<NodeProto> nodes = graph.getNodeList();
    Set<String> gone = new HashSet<>();
    graph.clearNode();
    for (NodeProto node : nodes) {
      if (node.getOpType().equals("ConstantOfShape")) {
        gone.add(node.getInput(0));
        TensorProto tensor =
            randomTensor(node.getOutput(0), longs(shapes.get(node.getInput(0))), random);
        graph.addInitializer(tensor);
        graph.addInput(value(tensor.getName(), tensor.getDimsList()));
      } else {
        graph.addNode(node);
      }
    }
    for (int i = graph.getInitializerCount() - 1; i >= 0; i--) {
      if (gone.contains(graph.getInitializer(i).getName())) {
        graph.removeInitializer(i);
      }
    }
    for (int i = graph.getInputCount() - 1; i >= 0; i--) {
      if (gone.contains(graph.getInput(i).getName())) {
        graph.removeInput(i);
      }
    }
  }

  private static List<Long> longs(TensorProto tensor) {
    ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    List<Long> longs = new ArrayList<>();
    while (raw.hasRemaining()) {
      longs.add(raw.getLong());
    }
    return longs;
  }

  /** The same weights at every call with the same seed. */
  static TensorProto tensor(String name, List<Long> dims, int seed) {
    return randomTensor(name, dims, new Random(seed));
  }

  /** Weights as He et al. initialize them; scales and variances near one, biases near zero. */
  private static TensorProto randomTensor(String name, List<Long> dims, Random random) {
    int elements = 1;
    for (long dim : dims) {
      elements = Math.multiplyExact(elements, Math.toIntExact(dim));
    }
    boolean vector = dims.size() == 1;
    double deviation = vector ? 0.1 : Math.sqrt(2.0 * dims.get(0) / elements);
    double mean = name.contains("_bn_s") || name.contains("_bn_riv") ? 1 : 0;
    ByteBuffer raw = ByteBuffer.allocate(elements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (raw.hasRemaining()) {
      raw.putFloat((float) (mean + deviation * random.nextGaussian()));
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(FLOAT)
        .addAllDims(dims)
        .setRawData(ByteString.copyFrom(raw.rewind()))
        .build();
  }

  /** Input and output [N, ...]; the Reshape before the classifier to [-1, 2048]. */
  private static void openBatch(GraphProto.Builder graph) {
    TensorShapeProto.Dimension open =
        TensorShapeProto.Dimension.newBuilder().setDimParam("N").build();
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(tensor -> initializers.add(tensor.getName()));
    for (ValueInfoProto.Builder input : graph.getInputBuilderList()) {
      if (!initializers.contains(input.getName())) {
        input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().setDim(0, open);
      }
    }
    for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
      output.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder().setDim(0, open);
    }
    graph.clearValueInfo();
    Set<String> shapes = new HashSet<>();
    graph.getNodeList().stream()
        .filter(node -> node.getOpType().equals("Reshape"))
        .forEach(node -> shapes.add(node.getInput(1)));
    for (TensorProto.Builder tensor : graph.getInitializerBuilderList()) {
      if (shapes.contains(tensor.getName())) {
        ByteBuffer dims = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        dims.putLong(-1).putLong(longs(tensor.build()).get(1)).flip();
        tensor.setRawData(ByteString.copyFrom(dims));
      }
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  static NodeProto node(String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .setName(op + "_" + output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static ValueInfoProto value(String name) {
    return value(name, List.of(1L, 16384L));
  }

  static ValueInfoProto value(String name, List<Long> dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    dims.forEach(dim -> shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim)));
    TypeProto type =
        TypeProto.newBuilder()
            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape))
            .build();
    return ValueInfoProto.newBuilder().setName(name).setType(type).build();
  }
}
