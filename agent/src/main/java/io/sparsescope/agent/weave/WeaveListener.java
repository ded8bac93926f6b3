package io.sparsescope.agent.weave;

/** Hears what became of ONNX Runtime's classes. Called while a class is being loaded: be brief. */
public interface WeaveListener {
  /** The class calls the bridge now. */
  void woven(String className);

  /** The class was left as it is. */
  void rejected(String className, String reason);
}
