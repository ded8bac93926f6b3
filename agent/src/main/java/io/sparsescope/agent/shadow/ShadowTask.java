package io.sparsescope.agent.shadow;

/** Something to be done later. Of {@link #run} and {@link #drop} exactly one is called, once. */
public interface ShadowTask {
  /** Does it, on the shadow thread. */
  void run();

  /** It will not be done: the owner is gone, or the JVM ends. */
  void drop();

  /** What it belongs to; see {@link ShadowThread#forget}. */
  Object owner();
}
