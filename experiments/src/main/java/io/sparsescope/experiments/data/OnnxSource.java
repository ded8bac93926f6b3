package io.sparsescope.experiments.data;

import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * ONNX's own test data: folders {@code test_data_set_*} with a file {@code input_K.pb} for the K-th
 * input, {@code output_K.pb} for the K-th output. Each folder is a record and a run.
 */
final class OnnxSource implements DataSource {
  private final List<Path> sets;
  private final List<InputSpec> inputs;
  private final boolean references;
  private int at;

  private OnnxSource(List<Path> sets, List<InputSpec> inputs, boolean references) {
    this.sets = sets;
    this.inputs = inputs;
    this.references = references;
  }

  /**
   * @param folder a folder that holds data sets, or is one
   * @param references whether the outputs that lie beside the inputs are read, too
   */
  static OnnxSource open(Path folder, List<InputSpec> inputs, boolean references) {
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": no such folder; name one that holds test_data_set_0");
    }
    if (Files.exists(folder.resolve("input_0.pb"))) {
      return new OnnxSource(List.of(folder), inputs, references);
    }
    try (Stream<Path> children = Files.list(folder)) {
      List<Path> sets =
          children
              .filter(child -> child.getFileName().toString().matches("test_data_set_\\d+"))
              .sorted(java.util.Comparator.comparingLong(OnnxSource::number))
              .toList();
      if (sets.isEmpty()) {
        throw new DataException(
            folder + ": no test data; it should hold test_data_set_0 with input_0.pb");
      }
      return new OnnxSource(sets, inputs, references);
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be listed; check that it may be read", e);
    }
  }

  private static long number(Path set) {
    String digits = set.getFileName().toString().substring("test_data_set_".length());
    return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  @Override
  public Optional<Batch> next(int records) {
    if (at == sets.size()) {
      return Optional.empty();
    }
    Path set = sets.get(at++);
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      Path file = set.resolve("input_" + i + ".pb");
      // Trailing inputs may be optional; a run without one that is not will say so.
      if (Files.exists(file) || i == 0) {
        values.put(inputs.get(i).name(), read(file, inputs.get(i)));
      }
    }
    return Optional.of(new Batch(values, List.of(), 1, references ? outputs(set) : List.of()));
  }

  private static List<TensorValue> outputs(Path set) {
    List<TensorValue> outputs = new ArrayList<>();
    Path file = set.resolve("output_0.pb");
    while (Files.exists(file)) {
      TensorProto tensor = parse(file);
      ElementType type = ElementType.of(tensor.getDataType());
      outputs.add(new TensorValue(type, tensor.getDimsList(), values(file, type, tensor)));
      file = set.resolve("output_" + outputs.size() + ".pb");
    }
    return outputs;
  }

  private static TensorProto parse(Path file) {
    try {
      return TensorProto.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw new DataException(file + ": not a TensorProto, or cut off; get the file again", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read; check that it exists and may be read", e);
    }
  }

  private static TensorValue read(Path file, InputSpec input) {
    if (input.type() == ElementType.UNDEFINED) {
      throw new DataException(
          file + ": input " + input.name() + " is no tensor; only tensors can be fed");
    }
    TensorProto tensor = parse(file);
    ElementType type = ElementType.of(tensor.getDataType());
    if (type == ElementType.UINT16 && input.type() == ElementType.BFLOAT16) {
      // NumPy has no bfloat16: ONNX's suite stores its bits.
      return new TensorValue(input.type(), tensor.getDimsList(), values(file, type, tensor));
    }
    if (type != input.type()) {
      throw new DataException(
          file
              + ": holds "
              + type.label()
              + ", but input "
              + input.name()
              + " takes "
              + input.type().label()
              + "; use the data that came with this model");
    }
    return new TensorValue(type, tensor.getDimsList(), values(file, type, tensor));
  }

  private static ByteBuffer values(Path file, ElementType type, TensorProto tensor) {
    if (type.bits() == 0 || type.bits() % 8 != 0) {
      throw new DataException(
          file + ": tensors of " + type.label() + " cannot be fed; use another model or data set");
    }
    try {
      ByteBuffer values = Tensors.data(tensor).toBuffer();
      ByteBuffer direct = ByteBuffer.allocateDirect(values.remaining());
      return direct.put(values).flip().order(ByteOrder.LITTLE_ENDIAN);
    } catch (OnnxException e) {
      throw new DataException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(sets.size());
  }

  @Override
  public int fixedBatch() {
    return 1;
  }

  @Override
  public String describe(long record) {
    return sets.get((int) record).toString();
  }

  @Override
  public List<String> notices() {
    return List.of();
  }

  @Override
  public void close() {
    at = sets.size();
  }
}
