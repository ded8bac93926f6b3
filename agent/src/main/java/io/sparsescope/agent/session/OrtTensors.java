package io.sparsescope.agent.session;

import io.sparsescope.onnx.ElementType;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Set;

/**
 * Reads and closes ONNX Runtime's values, whichever class loader their class came from. What is
 * known of a class is kept with the class and goes with it.
 */
final class OrtTensors {
  private static final String TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

  private final Instrumentation instrumentation;
  private final ClassValue<Access> access =
      new ClassValue<>() {
        @Override
        protected Access computeValue(Class<?> type) {
          return lookup(type);
        }
      };

  /**
   * @param instrumentation opens ONNX Runtime's module where it is one; null leaves it closed
   */
  OrtTensors(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /** A copy of an int64 tensor's values. */
  LongBuffer longs(Object tensor) throws Throwable {
    return (LongBuffer) tensorAccess(tensor).longs.invokeExact(tensor);
  }

  /** A tensor's memory, to be read before the tensor is closed. */
  ByteBuffer bytes(Object tensor) throws Throwable {
    return (ByteBuffer) tensorAccess(tensor).bytes.invokeExact(tensor);
  }

  /** A value's element type; UNDEFINED for one that is no tensor, or of a type we do not know. */
  ElementType type(Object value) throws ReflectiveOperationException {
    if (value == null || access.get(value.getClass()).longs == null) {
      return ElementType.UNDEFINED;
    }
    return typeOf(value.getClass().getMethod("getInfo").invoke(value));
  }

  /**
   * @param info a value's or a node's {@code ValueInfo}
   * @return UNDEFINED for what is no tensor, or of a type we do not know
   */
  static ElementType typeOf(Object info) throws ReflectiveOperationException {
    String name;
    try {
      name = String.valueOf(info.getClass().getField("onnxType").get(info));
    } catch (NoSuchFieldException e) {
      // A map or a sequence.
      return ElementType.UNDEFINED;
    }
    for (ElementType type : ElementType.values()) {
      if (name.equals(TYPE_PREFIX + type.name())) {
        return type;
      }
    }
    return ElementType.UNDEFINED;
  }

  /** Number of elements of a value that the application runs a session with. */
  long elements(Object input) throws Throwable {
    return (long) access.get(input.getClass()).elements.invokeExact(input);
  }

  /** Lengths of a tensor's axes. */
  long[] shape(Object tensor) throws ReflectiveOperationException {
    Object info = tensor.getClass().getMethod("getInfo").invoke(tensor);
    return (long[]) info.getClass().getMethod("getShape").invoke(info);
  }

  /** Address of the native value, as ONNX Runtime's native methods want it. */
  long address(Object tensor) throws Throwable {
    return (long) tensorAccess(tensor).address.invokeExact(tensor);
  }

  void close(Object value) throws Throwable {
    access.get(value.getClass()).close.invokeExact(value);
  }

  private Access tensorAccess(Object tensor) {
    Access found = access.get(tensor.getClass());
    if (found.longs == null) {
      throw new IllegalStateException(tensor.getClass() + " is no tensor");
    }
    return found;
  }

  private Access lookup(Class<?> type) {
    try {
      MethodHandle close = handle(type.getMethod("close"), void.class);
      MethodHandle elements = elements(type);
      if (!type.getSimpleName().equals("OnnxTensor")) {
        return new Access(null, null, null, elements, close);
      }
      MethodHandle longs = handle(type.getMethod("getLongBuffer"), LongBuffer.class);
      return new Access(longs, bytes(type), address(type), elements, close);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read values of " + type, e);
    }
  }

  /** The memory itself where ONNX Runtime lets us, else a copy. */
  private MethodHandle bytes(Class<?> type) throws ReflectiveOperationException {
    try {
      open(type);
      Method method = type.getDeclaredMethod("getBuffer");
      method.setAccessible(true);
      return handle(method, ByteBuffer.class);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return handle(type.getMethod("getByteBuffer"), ByteBuffer.class);
    }
  }

  /** Nought for what has no elements to speak of, such as a map. */
  private static MethodHandle elements(Class<?> type) throws ReflectiveOperationException {
    try {
      Method info = type.getMethod("getInfo");
      MethodHandle elements = handle(info.getReturnType().getMethod("getNumElements"), long.class);
      return MethodHandles.filterReturnValue(handle(info, Object.class), elements);
    } catch (NoSuchMethodException e) {
      return MethodHandles.dropArguments(MethodHandles.constant(long.class, 0L), 0, Object.class);
    }
  }

  /** Fails when used, where ONNX Runtime does not let us. */
  private MethodHandle address(Class<?> type) throws ReflectiveOperationException {
    try {
      open(type);
      Method method = type.getSuperclass().getDeclaredMethod("getNativeHandle");
      method.setAccessible(true);
      return handle(method, long.class);
    } catch (ReflectiveOperationException | RuntimeException e) {
      return MethodHandles.dropArguments(
          MethodHandles.throwException(long.class, IllegalStateException.class)
              .bindTo(new IllegalStateException("cannot tell where values of " + type + " are")),
          0,
          Object.class);
    }
  }

  /** Lets us at what a class of ONNX Runtime's keeps to itself, where its module does not. */
  void open(Class<?> type) {
    Module module = type.getModule();
    Module ours = OrtTensors.class.getModule();
    if (instrumentation != null && !module.isOpen(type.getPackageName(), ours)) {
      instrumentation.redefineModule(
          module,
          Set.of(),
          Map.of(),
          Map.of(type.getPackageName(), Set.of(ours)),
          Set.of(),
          Map.of());
    }
  }

  private static MethodHandle handle(Method method, Class<?> result) throws IllegalAccessException {
    return MethodHandles.lookup()
        .unreflect(method)
        .asType(MethodType.methodType(result, Object.class));
  }

  /**
   * How to use values of a class.
   *
   * @param longs null if it is no tensor
   * @param bytes null if it is no tensor
   * @param address null if it is no tensor
   */
  private record Access(
      MethodHandle longs,
      MethodHandle bytes,
      MethodHandle address,
      MethodHandle elements,
      MethodHandle close) {}
}
