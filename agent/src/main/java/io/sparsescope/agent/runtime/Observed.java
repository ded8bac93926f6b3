package io.sparsescope.agent.runtime;

import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.util.Optional;

/** What the agent has seen; all that its exporters know of it. Safe for use by many threads. */
public interface Observed {
  /** Everything counted since the start or the last reset, as of now. */
  Profile profile();

  /** How far that is from the reference; empty if none was given, or it is not read. */
  default Optional<Drift> drift() {
    return Optional.empty();
  }

  /** Whether the application has loaded ONNX Runtime's classes. */
  boolean sawOnnxRuntime();
}
