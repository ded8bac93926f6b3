package io.sparsescope.agent.config;

/** Where counting takes place. */
public enum Mode {
  /** In the run that the application asked for. */
  INLINE,
  /** In a run of our own on copies of the inputs, on another thread, after the application's. */
  SHADOW
}
