package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.Memory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Copies the inputs of a run by ONNX Runtime's public methods, so that the run can be done again
 * when the application has its inputs back. What is known of a class is kept with the class and
 * goes with it.
 */
final class OrtInputs {
  private final OrtTensors tensors;
  private final Memory memory;
  private final ClassValue<Maker> makers =
      new ClassValue<>() {
        @Override
        protected Maker computeValue(Class<?> type) {
          return Maker.of(type);
        }
      };

  OrtInputs(OrtTensors tensors, Memory memory) {
    this.tensors = tensors;
    this.memory = memory;
  }

  /** Elements of all inputs together. */
  long elements(Map<?, ?> inputs) throws Throwable {
    long elements = 0;
    for (Object input : inputs.values()) {
      elements += tensors.elements(input);
    }
    return elements;
  }

  /**
   * Copies inputs.
   *
   * @param names which of them, and in which order
   * @param inputs the {@code Map<String, OnnxTensorLike>} that the application runs a session with
   * @return null if there is no memory for them
   * @throws UncopyableException if they are not of a kind that can be copied
   */
  InputCopy copy(String[] names, Map<?, ?> inputs) throws Throwable {
    InputCopy copy =
        new InputCopy(
            names, new long[names.length], new ArrayList<>(), new ArrayList<>(), tensors, memory);
    boolean complete = false;
    try {
      for (int i = 0; i < names.length; i++) {
        Object tensor = copy(names[i], inputs.get(names[i]), copy.buffers());
        if (tensor == null) {
          return null;
        }
        copy.tensors().add(tensor);
        copy.handles()[i] = tensors.address(tensor);
      }
      complete = true;
      return copy;
    } finally {
      if (!complete) {
        copy.close();
      }
    }
  }

  private Object copy(String name, Object input, List<ByteBuffer> buffers) throws Throwable {
    Maker maker = input == null ? null : makers.get(input.getClass());
    if (maker == null || maker.create == null) {
      throw new UncopyableException("its input " + name + " is no tensor with values in memory");
    }
    Object info = maker.info.invoke(input);
    Object type = info.getClass().getField("type").get(info);
    long width = type.getClass().getField("size").getInt(type);
    if (width == 0 || type.toString().equals("STRING")) {
      throw new UncopyableException("its input " + name + " holds values of type " + type);
    }
    long bytes = Math.multiplyExact(width, tensors.elements(input));
    ByteBuffer buffer = memory.take(bytes);
    if (buffer == null) {
      return null;
    }
    buffers.add(buffer);
    if (bytes > 0) {
      buffer.put(tensors.bytes(input)).flip();
    } else {
      buffer.limit(0);
    }
    if (buffer.limit() != bytes) {
      throw new IllegalStateException(buffer.limit() + " bytes in a tensor of " + bytes);
    }
    Object tensor = maker.create(buffer, info, type);
    Object onnxType = info.getClass().getField("onnxType").get(info);
    Object copied = maker.info.invoke(tensor);
    if (copied.getClass().getField("onnxType").get(copied) != onnxType) {
      tensors.close(tensor);
      throw new UncopyableException("its input " + name + " is of type " + onnxType);
    }
    return tensor;
  }

  /**
   * How tensors of a class are made.
   *
   * @param create null for a class that is no tensor's
   * @param environment the environment they belong to
   */
  private record Maker(Method info, Method create, Method environment) {

    static Maker of(Class<?> type) {
      try {
        for (Method method : type.getMethods()) {
          Class<?>[] parameters = method.getParameterTypes();
          if (method.getName().equals("createTensor")
              && parameters.length == 4
              && parameters[1] == ByteBuffer.class
              && parameters[2] == long[].class) {
            return new Maker(
                type.getMethod("getInfo"), method, parameters[0].getMethod("getEnvironment"));
          }
        }
        return new Maker(null, null, null);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException("cannot copy values of " + type, e);
      }
    }

    Object create(ByteBuffer values, Object info, Object type) throws Throwable {
      long[] shape = (long[]) info.getClass().getMethod("getShape").invoke(info);
      ByteBuffer exact = values.slice().order(ByteOrder.nativeOrder());
      try {
        return create.invoke(null, environment.invoke(null), exact, shape, type);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
