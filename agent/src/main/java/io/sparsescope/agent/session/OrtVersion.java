package io.sparsescope.agent.session;

import java.util.concurrent.atomic.AtomicBoolean;

/** Which version of ONNX Runtime the application runs, once its first session was created. */
public final class OrtVersion {
  private static final String ENVIRONMENT = "ai.onnxruntime.OrtEnvironment";

  private final AtomicBoolean asked = new AtomicBoolean();
  private volatile String version = "";

  /** "" as long as it is not known. */
  public String get() {
    return version;
  }

  /**
   * Asks, the first time, the environment that a session was created in, so ONNX Runtime is
   * initialized already.
   *
   * @param session an {@code OrtSession}
   */
  void learnFrom(Object session) throws ReflectiveOperationException {
    if (asked.compareAndSet(false, true)) {
      Class<?> type = Class.forName(ENVIRONMENT, false, session.getClass().getClassLoader());
      Object environment = type.getMethod("getEnvironment").invoke(null);
      version = (String) type.getMethod("getVersion").invoke(environment);
    }
  }
}
