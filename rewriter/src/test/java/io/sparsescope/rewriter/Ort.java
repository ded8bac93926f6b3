package io.sparsescope.rewriter;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.ModelProto;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs models on ONNX Runtime; tensors are raw little-endian bytes and shapes. */
public final class Ort {
  static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);

  /** A tensor on the heap. */
  @SuppressWarnings("ArrayRecordComponent") // Compared by its parts only.
  public record Tensor(ElementType type, long[] shape, ByteBuffer values) {
    public Tensor {
      values = values.order(ByteOrder.LITTLE_ENDIAN);
    }

    public static Tensor floats(float[] values, long... shape) {
      ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asFloatBuffer().put(values);
      return new Tensor(ElementType.FLOAT, shape, b);
    }

    public static Tensor doubles(double[] values, long... shape) {
      ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asDoubleBuffer().put(values);
      return new Tensor(ElementType.DOUBLE, shape, b);
    }

    public static Tensor longs(long[] values, long... shape) {
      ByteBuffer b = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asLongBuffer().put(values);
      return new Tensor(ElementType.INT64, shape, b);
    }

    public static Tensor shorts(ElementType type, short[] values, long... shape) {
      ByteBuffer b = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      b.asShortBuffer().put(values);
      return new Tensor(type, shape, b);
    }

    public float[] floats() {
      float[] out = new float[values.remaining() / 4];
      values.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
      return out;
    }

    public long[] longs() {
      long[] out = new long[values.remaining() / 8];
      values.duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(out);
      return out;
    }
  }

  private Ort() {}

  public static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs) {
    return run(model, inputs, OptLevel.ALL_OPT);
  }

  public static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs, OptLevel level) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(level);
      options.setIntraOpNumThreads(1);
      try (OrtSession session = ENVIRONMENT.createSession(model, options)) {
        return run(session, inputs);
      }
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** What ONNX Runtime makes of a model for this machine, its nodes in the order of execution. */
  public static ModelProto optimized(byte[] model) throws IOException {
    Path file = Files.createTempFile("optimized", ".onnx");
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizedModelFilePath(file.toString());
      ENVIRONMENT.createSession(model, options).close();
      return ModelProto.parseFrom(Files.readAllBytes(file));
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    } finally {
      Files.delete(file);
    }
  }

  /**
   * Runs with inputs that override initializers. ONNX Runtime takes them, its Java binding knows
   * none of them and refuses their names, so they are made known to it here.
   */
  static Map<String, Tensor> runOverriding(byte[] model, Map<String, Tensor> inputs) {
    try (OrtSession session = ENVIRONMENT.createSession(model)) {
      Field names = OrtSession.class.getDeclaredField("inputNames");
      names.setAccessible(true);
      names.set(session, inputs.keySet());
      Field number = OrtSession.class.getDeclaredField("numInputs");
      number.setAccessible(true);
      number.setLong(session, inputs.size());
      return run(session, inputs);
    } catch (OrtException | ReflectiveOperationException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  static Map<String, Tensor> run(OrtSession session, Map<String, Tensor> inputs)
      throws OrtException {
    Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
        tensors.put(e.getKey(), onnx(e.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> e : result) {
          outputs.put(e.getKey(), copy((OnnxTensor) e.getValue()));
        }
        return outputs;
      }
    } finally {
      tensors.values().forEach(OnnxTensorLike::close);
    }
  }

  /** The rows of the counts' output. */
  static List<List<Long>> counts(Map<String, Tensor> outputs) {
    long[] all = outputs.get(Rewrite.COUNTS).longs();
    List<List<Long>> rows = new ArrayList<>();
    for (int i = 0; i < all.length; i += 3) {
      rows.add(List.of(all[i], all[i + 1], all[i + 2]));
    }
    return rows;
  }

  private static OnnxTensor onnx(Tensor t) throws OrtException {
    ByteBuffer direct =
        ByteBuffer.allocateDirect(Math.max(1, t.values().remaining()))
            .order(ByteOrder.nativeOrder());
    direct.put(t.values().duplicate()).flip();
    return OnnxTensor.createTensor(ENVIRONMENT, direct, t.shape(), javaType(t.type()));
  }

  private static OnnxJavaType javaType(ElementType type) {
    return switch (type) {
      case FLOAT -> OnnxJavaType.FLOAT;
      case DOUBLE -> OnnxJavaType.DOUBLE;
      case FLOAT16 -> OnnxJavaType.FLOAT16;
      case BFLOAT16 -> OnnxJavaType.BFLOAT16;
      case INT64 -> OnnxJavaType.INT64;
      case INT32 -> OnnxJavaType.INT32;
      case INT8 -> OnnxJavaType.INT8;
      case UINT8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
      default -> throw new AssertionError(type);
    };
  }

  private static Tensor copy(OnnxTensor t) throws OrtException {
    TensorInfo info = t.getInfo();
    ElementType type =
        switch (info.type) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          case FLOAT16 -> ElementType.FLOAT16;
          case BFLOAT16 -> ElementType.BFLOAT16;
          case INT64 -> ElementType.INT64;
          case INT32 -> ElementType.INT32;
          case INT8 -> ElementType.INT8;
          case UINT8 -> ElementType.UINT8;
          case BOOL -> ElementType.BOOL;
          default -> throw new AssertionError(info.type);
        };
    ByteBuffer heap = ByteBuffer.allocate((int) (info.getNumElements() * type.bits() / 8));
    if (info.getNumElements() > 0) {
      heap.put(t.getByteBuffer()).flip();
    }
    return new Tensor(type, info.getShape(), heap);
  }
}
