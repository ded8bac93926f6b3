package io.sparsescope.it.conformance;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model and what to feed it.
 *
 * @param name what the report calls it
 * @param model its file
 * @param dataSet folder of its inputs and expected outputs; null for random inputs
 */
record Case(String name, Path model, Path dataSet) {
  private static final int RANDOM_BATCH = 2;

  /** Inputs and, where the suite gives them, expected outputs. */
  record Data(Map<String, Value> inputs, Map<String, Value> expected) {}

  /** The cases of a folder of the backend suite. */
  static List<Case> ofSuite(Path group) throws IOException {
    List<Case> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(group)) {
      for (Path folder : folders.sorted().toList()) {
        Path model = folder.resolve("model.onnx");
        if (Files.exists(model)) {
          String name = group.getFileName() + "/" + folder.getFileName();
          cases.add(new Case(name, model, folder.resolve("test_data_set_0")));
        }
      }
    }
    return cases;
  }

  /** Every model below a folder, to be fed at random. */
  static List<Case> ofModels(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".onnx"))
          .sorted()
          .map(file -> new Case(folder.relativize(file).toString(), file, null))
          .toList();
    }
  }

  Data load() throws IOException, Unsupported {
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(model)).getGraph();
    Set<String> initializers =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    List<ValueInfoProto> inputs =
        graph.getInputList().stream().filter(i -> !initializers.contains(i.getName())).toList();
    if (dataSet == null) {
      return new Data(random(inputs), Map.of());
    }
    return new Data(
        DataSet.read(dataSet, "input", inputs),
        DataSet.read(dataSet, "output", graph.getOutputList()));
  }

  private static Map<String, Value> random(List<ValueInfoProto> inputs) throws Unsupported {
    Random random = new Random(20);
    Map<String, Value> values = new LinkedHashMap<>();
    for (ValueInfoProto input : inputs) {
      if (input.getType().getTensorType().getElemType() != ElementType.FLOAT.number()) {
        throw new Unsupported("random inputs are made as float32 only");
      }
      long[] shape =
          input.getType().getTensorType().getShape().getDimList().stream()
              .mapToLong(Case::size)
              .toArray();
      int elements = 1;
      for (long dim : shape) {
        elements = Math.multiplyExact(elements, Math.toIntExact(dim));
      }
      ByteBuffer raw = ByteBuffer.allocate(elements * 4).order(ByteOrder.LITTLE_ENDIAN);
      while (raw.hasRemaining()) {
        raw.putFloat((float) random.nextGaussian());
      }
      values.put(input.getName(), Value.Numbers.of(ElementType.FLOAT, shape, raw.array()));
    }
    return values;
  }

  private static long size(TensorShapeProto.Dimension dim) {
    return dim.getDimValue() > 0 ? dim.getDimValue() : RANDOM_BATCH;
  }
}
