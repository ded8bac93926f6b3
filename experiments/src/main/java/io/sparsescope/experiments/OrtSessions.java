package io.sparsescope.experiments;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.SubModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** ONNX Runtime sessions over edited models, and what they are fed. */
public final class OrtSessions {
  private static final String EXTERNAL_FOLDER =
      "session.model_external_initializers_file_folder_path";

  private static final String TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  /** Models up to this size are handed over in memory, without a file. */
  private static final long IN_MEMORY = 64L << 20;

  private OrtSessions() {}

  /** Sets options beyond ONNX Runtime's defaults. */
  @FunctionalInterface
  public interface Setting {
    /** Sets nothing. */
    Setting DEFAULTS = options -> {};

    void apply(OrtSession.SessionOptions options) throws OrtException;
  }

  /**
   * Creates a session over the edited model; files made on the way are deleted again.
   *
   * @param setting options to set; warnings are off, since old models bring thousands about weights
   *     they do not use
   * @throws ExperimentException if ONNX Runtime refuses the model, or it cannot be written
   */
  public static OrtSession open(ModelFile model, ModelEdit edit, Setting setting) {
    return open(
        model,
        setting,
        (environment, options, external) ->
            // Where weights lie outside, what is left fits into memory. As an array, since ONNX
            // Runtime before 1.20 takes no buffers.
            external || model.size() <= IN_MEMORY
                ? environment.createSession(edit.toBytes(), options)
                : fromFile(environment, options, edit));
  }

  /**
   * Creates a session over a part of a model; otherwise like {@link #open(ModelFile, ModelEdit,
   * Setting)}.
   *
   * @param model the file that the part's external data lies beside
   */
  public static OrtSession open(ModelFile model, SubModel part, Setting setting) {
    return open(
        model,
        setting,
        (environment, options, external) ->
            environment.createSession(part.toDirectBuffer(), options));
  }

  /** Creates a session with options that are all set. */
  private interface Creation {
    OrtSession create(
        OrtEnvironment environment, OrtSession.SessionOptions options, boolean external)
        throws OrtException, IOException;
  }

  private static OrtSession open(ModelFile model, Setting setting, Creation creation) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      setting.apply(options);
      Optional<Path> folder = externalFolder(model);
      if (folder.isPresent()) {
        options.addConfigEntry(EXTERNAL_FOLDER, folder.get().toString());
      }
      return creation.create(OrtEnvironment.getEnvironment(), options, folder.isPresent());
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

  private static OrtSession fromFile(
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
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * The type by which ONNX Runtime for Java is given tensors of an element type.
   *
   * @param where the model and the input, for the message
   * @throws ExperimentException if it can be given none
   */
  public static OnnxJavaType javaType(String where, ElementType type) {
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
              where
                  + " takes "
                  + type.label()
                  + ", which ONNX Runtime for Java cannot feed; choose another model");
    };
  }

  /**
   * A tensor over a value's own memory.
   *
   * @param where the model and the input, for the message
   */
  public static OnnxTensor tensor(String where, TensorValue value) throws OrtException {
    long[] shape = value.shape().stream().mapToLong(Long::longValue).toArray();
    // A tensor without elements still needs an address.
    ByteBuffer data =
        value.data().hasRemaining() ? value.data() : ByteBuffer.allocateDirect(1).limit(0);
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), data, shape, javaType(where, value.type()));
  }

  /**
   * The element type of a tensor: ONNX Runtime for Java numbers types in its own way, but names
   * them as ONNX does.
   */
  public static ElementType elementType(TensorInfo info) {
    String name = info.onnxType.name().substring(TYPE_PREFIX.length());
    return Stream.of(ElementType.values())
        .filter(type -> type.name().equals(name))
        .findFirst()
        .orElse(ElementType.UNDEFINED);
  }

  /** Closes a session of a model. */
  public static void close(String model, OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new ExperimentException(model + ": the session cannot be closed: " + oneLine(e), e);
    }
  }

  /** An exception's message without line breaks. */
  public static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
  }
}
