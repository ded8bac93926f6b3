package io.sparsescope.agent.config;

/** What counts. */
public enum CountingWay {
  /** The best that works here. */
  AUTO,
  /** Operators of the ONNX standard. */
  ONNX,
  /** The agent's own native operator where it can be loaded, else as {@link #ONNX}. */
  NATIVE
}
