package io.sparsescope.experiments;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.experiments.TapReadout.RawTensor;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** An edited model in an ONNX Runtime session. Used by one thread. */
final class OrtModel implements AutoCloseable {
  private static final String EXTERNAL_FOLDER =
      "session.model_external_initializers_file_folder_path";

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OrtModel(String name, OrtEnvironment environment, OrtSession session) {
    this.name = name;
    this.environment = environment;
    this.session = session;
  }

  /**
   * Creates a session over the edited model; files made on the way are deleted again.
   *
   * @throws ExperimentException if ONNX Runtime refuses the model
   */
  static OrtModel load(ModelFile model, ModelEdit edit) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      // Old models bring thousands of warnings about weights they do not use.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      Optional<Path> folder = externalFolder(model);
      OrtSession session;
      if (folder.isPresent()) {
        // Weights lie outside, so what is left fits into memory, and they need not be copied.
        options.addConfigEntry(EXTERNAL_FOLDER, folder.get().toString());
        session = environment.createSession(edit.toDirectBuffer(), options);
      } else {
        session = loadFromFile(environment, options, edit);
      }
      return new OrtModel(model.name(), environment, session);
    } catch (OrtException e) {
      throw new ExperimentException(
          model.name()
              + ": ONNX Runtime refuses the model ("
              + oneLine(e)
              + "); check that it loads without Sparsescope",
          e);
    } catch (IOException e) {
      throw new ExperimentException(
          model.name()
              + ": cannot write the rewritten model to "
              + System.getProperty("java.io.tmpdir")
              + " ("
              + e.getMessage()
              + "); make room there, or set -Djava.io.tmpdir",
          e);
    }
  }

  private static Optional<Path> externalFolder(ModelFile model) {
    boolean external =
        model.graph().initializers().values().stream().anyMatch(Initializer::external);
    return external
        ? model.path().map(path -> path.toAbsolutePath().getParent())
        : Optional.empty();
  }

  private static OrtSession loadFromFile(
      OrtEnvironment environment, OrtSession.SessionOptions options, ModelEdit edit)
      throws OrtException, IOException {
    Path folder = Files.createTempDirectory("sparsescope");
    try {
      Path file = folder.resolve("model.onnx");
      edit.writeTo(file);
      return environment.createSession(file.toString(), options);
    } finally {
      deleteAll(folder);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Version of ONNX Runtime. */
  String runtimeVersion() {
    return environment.getVersion();
  }

  /** Is given the outputs of a run: copies, by name. */
  interface Outputs {
    void accept(Map<String, RawTensor> values);
  }

  /**
   * Runs the model.
   *
   * @param outputs names of the outputs to be computed; all of them if empty
   * @param where what messages call the inputs
   */
  void run(Map<String, TensorValue> inputs, Set<String> outputs, String where, Outputs then) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    try {
      for (Map.Entry<String, TensorValue> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(input.getKey(), input.getValue()));
      }
      try (OrtSession.Result result =
          outputs.isEmpty() ? session.run(tensors) : session.run(tensors, outputs)) {
        then.accept(values(result, outputs));
      }
    } catch (OrtException e) {
      throw new ExperimentException(
          name + ": the run fails at " + where + " (" + oneLine(e) + "); check that the data fits",
          e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(String input, TensorValue value) throws OrtException {
    long[] shape = value.shape().stream().mapToLong(Long::longValue).toArray();
    ByteBuffer data = value.data();
    if (data.capacity() == 0) {
      // A tensor without elements still needs an address.
      data = ByteBuffer.allocateDirect(1).limit(0);
    }
    return OnnxTensor.createTensor(environment, data, shape, javaType(input, value.type()));
  }

  private OnnxJavaType javaType(String input, ElementType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case INT16 -> OnnxJavaType.INT16;
      case INT32 -> OnnxJavaType.INT32;
      case INT64 -> OnnxJavaType.INT64;
      case BOOL -> OnnxJavaType.BOOL;
      default ->
          throw new ExperimentException(
              name
                  + ": input "
                  + input
                  + " takes "
                  + type.label()
                  + ", which ONNX Runtime for Java cannot feed; choose another model");
    };
  }

  private static Map<String, RawTensor> values(OrtSession.Result result, Set<String> wanted) {
    Map<String, RawTensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, OnnxValue> output : result) {
      if (wanted.contains(output.getKey()) && output.getValue() instanceof OnnxTensor tensor) {
        String type = typeOf(tensor.getInfo());
        boolean empty = tensor.getInfo().getNumElements() == 0;
        ByteBuffer copy = empty ? null : tensor.getByteBuffer();
        // Strings have no memory to copy; their type tells that they cannot be counted.
        values.put(output.getKey(), new RawTensor(type, copy == null ? EMPTY : copy));
      }
    }
    return values;
  }

  /** ONNX Runtime for Java numbers types in its own way, but names them as ONNX does. */
  private static String typeOf(TensorInfo info) {
    String name = info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    return Stream.of(ElementType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElse(ElementType.UNDEFINED)
        .label();
  }

  static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new ExperimentException(name + ": the session cannot be closed: " + oneLine(e), e);
    }
  }
}
