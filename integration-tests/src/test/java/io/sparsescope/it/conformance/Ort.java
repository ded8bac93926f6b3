package io.sparsescope.it.conformance;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.it.conformance.Value.Items;
import io.sparsescope.it.conformance.Value.Nothing;
import io.sparsescope.it.conformance.Value.Numbers;
import io.sparsescope.it.conformance.Value.Strings;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs models on ONNX Runtime, one thread a session, at its default (highest) optimization. */
final class Ort {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "conformance");

  private Ort() {}

  /**
   * Runs a model once.
   *
   * @param model a file
   * @param optimized where ONNX Runtime is to save the optimized model; null for nowhere
   * @return all outputs, in order
   */
  static Map<String, Value> run(Path model, Map<String, Value> inputs, Path optimized)
      throws OrtException, Unsupported {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (optimized != null) {
        options.setOptimizedModelFilePath(optimized.toString());
      }
      try (OrtSession session = ENVIRONMENT.createSession(model.toString(), options)) {
        return run(session, inputs);
      }
    }
  }

  private static Map<String, Value> run(OrtSession session, Map<String, Value> inputs)
      throws OrtException, Unsupported {
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Value> input : inputs.entrySet()) {
        tensors.put(input.getKey(), tensor(input.getValue()));
      }
      try (OrtSession.Result result = session.run(tensors)) {
        Map<String, Value> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), value(output.getValue()));
        }
        return outputs;
      }
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor tensor(Value value) throws OrtException, Unsupported {
    if (value instanceof Strings s) {
      return OnnxTensor.createTensor(
          ENVIRONMENT, s.values().toArray(new String[0]), dims(s.shape()));
    }
    if (value instanceof Numbers n) {
      ByteBuffer raw = ByteBuffer.allocateDirect(n.raw().limit()).order(ByteOrder.nativeOrder());
      raw.put(n.raw().duplicate()).rewind();
      return OnnxTensor.createTensor(ENVIRONMENT, raw, dims(n.shape()), javaType(n.type()));
    }
    throw new Unsupported("ONNX Runtime's Java API cannot make a sequence");
  }

  private static long[] dims(List<Long> shape) {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  private static OnnxJavaType javaType(ElementType type) throws Unsupported {
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
          throw new Unsupported(
              "ONNX Runtime's Java API cannot make a " + type.label() + " tensor");
    };
  }

  private static Value value(OnnxValue value) throws OrtException, Unsupported {
    if (value instanceof OnnxTensor tensor) {
      TensorInfo info = tensor.getInfo();
      if (info.type == OnnxJavaType.STRING) {
        return new Strings(
            Arrays.stream(info.getShape()).boxed().toList(), strings(tensor.getValue()));
      }
      byte[] raw = tensor.getByteBuffer().array();
      return Numbers.of(elementType(info), info.getShape(), raw);
    }
    if (value instanceof OnnxSequence sequence) {
      List<Value> items = new ArrayList<>();
      for (OnnxValue item : sequence.getValue()) {
        try (item) {
          items.add(value(item));
        }
      }
      return new Items(items);
    }
    if (value instanceof OnnxMap map) {
      return map(map);
    }
    if (value == null) {
      return new Nothing();
    }
    throw new Unsupported("output of kind " + value.getType());
  }

  /** ONNX Runtime's Java enumeration has ONNX's names, but numbers of its own. */
  private static ElementType elementType(TensorInfo info) {
    return ElementType.valueOf(
        info.onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length()));
  }

  private static Value map(OnnxMap map) throws OrtException, Unsupported {
    MapInfo info = map.getInfo();
    if (info.valueType == OnnxJavaType.STRING) {
      throw new Unsupported("output is a map of strings");
    }
    List<Value> items = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.getValue().entrySet()) {
      items.add(new Strings(List.of(), List.of(entry.getKey().toString(), entry.getValue() + "")));
    }
    return new Items(items);
  }

  private static List<String> strings(Object nested) {
    if (nested instanceof Object[] array) {
      return Arrays.stream(array).flatMap(item -> strings(item).stream()).toList();
    }
    return List.of(String.valueOf(nested));
  }
}
