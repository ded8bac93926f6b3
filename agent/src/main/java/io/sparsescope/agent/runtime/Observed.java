package io.sparsescope.agent.runtime;

import io.sparsescope.profile.Profile;

/** What the agent has seen; all that its exporters know of it. Safe for use by many threads. */
public interface Observed {
  /** Everything counted since the start or the last reset, as of now. */
  Profile profile();

  /** Whether the application has loaded ONNX Runtime's classes. */
  boolean sawOnnxRuntime();
}
