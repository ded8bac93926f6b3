package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativeSession;
import java.lang.reflect.Method;

/** Closes native sessions of ours where the application does not just close one of its own. */
final class NativeClosing {
  private final OrtTensors tensors;

  /**
   * @param tensors opens ONNX Runtime's module where it is one
   */
  NativeClosing(OrtTensors tensors) {
    this.tensors = tensors;
  }

  /**
   * Closes a session: by our native library, or by the native method of the application's object.
   *
   * @param object an {@code OrtSession}, open or not; null if there is none
   * @param api ONNX Runtime's functions
   * @return false if there is no way to
   */
  boolean close(Object object, long api, long handle) throws ReflectiveOperationException {
    if (NativeSession.isPossible()) {
      NativeSession.close(api, handle);
      return true;
    }
    if (object == null) {
      return false;
    }
    tensors.open(object.getClass());
    Method method = object.getClass().getDeclaredMethod("closeSession", long.class, long.class);
    method.setAccessible(true);
    method.invoke(object, api, handle);
    return true;
  }
}
