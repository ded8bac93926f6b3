package io.sparsescope.agent.session;

import java.util.concurrent.atomic.AtomicReference;

/** Which version of ONNX Runtime the application runs, once its first session was created. */
public final class OrtVersion {
  private static final String ENVIRONMENT = "ai.onnxruntime.OrtEnvironment";

  private final AtomicReference<String> version = new AtomicReference<>();

  /** "" as long as it is not known. */
  public String get() {
    String known = version.get();
    return known == null ? "" : known;
  }

  /**
   * Asks the environment that a session was created in, so ONNX Runtime is initialized already.
   *
   * @param session an {@code OrtSession}
   */
  void learnFrom(Object session) throws ReflectiveOperationException {
    if (version.get() != null) {
      return;
    }
    Class<?> type = Class.forName(ENVIRONMENT, false, session.getClass().getClassLoader());
    Object environment = type.getMethod("getEnvironment").invoke(null);
    version.set((String) type.getMethod("getVersion").invoke(environment));
  }
}
