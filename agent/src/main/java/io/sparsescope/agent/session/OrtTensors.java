package io.sparsescope.agent.session;

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
 * Reads and closes ONNX Runtime's tensors, whichever class loader their class came from. What is
 * known of a class is kept with the class and goes with it.
 */
final class OrtTensors {
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
    return (LongBuffer) access(tensor).longs.invokeExact(tensor);
  }

  /** A tensor's memory, to be read before the tensor is closed. */
  ByteBuffer bytes(Object tensor) throws Throwable {
    return (ByteBuffer) access(tensor).bytes.invokeExact(tensor);
  }

  void close(Object tensor) throws Throwable {
    access(tensor).close.invokeExact(tensor);
  }

  private Access access(Object tensor) {
    return access.get(tensor.getClass());
  }

  private Access lookup(Class<?> type) {
    try {
      return new Access(
          handle(type.getMethod("getLongBuffer"), LongBuffer.class),
          bytes(type),
          handle(type.getMethod("close"), void.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read tensors of " + type, e);
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

  private void open(Class<?> type) {
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

  private record Access(MethodHandle longs, MethodHandle bytes, MethodHandle close) {}
}
