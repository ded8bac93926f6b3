package io.sparsescope.agent.runtime;

import io.sparsescope.agent.session.InterceptedCalls;
import io.sparsescope.agent.weave.WeaveListener;

/** Passes on what became of ONNX Runtime's classes. */
final class Weaving implements WeaveListener {
  private final AgentLog log;
  private final InterceptedCalls calls;
  private final Runnable inUse;

  /**
   * @param inUse called, maybe several times, when the application is seen to use ONNX Runtime
   */
  Weaving(AgentLog log, InterceptedCalls calls, Runnable inUse) {
    this.log = log;
    this.calls = calls;
    this.inUse = inUse;
  }

  @Override
  public void woven(String className) {
    log.woven(className);
    inUse.run();
  }

  @Override
  public void rejected(String className, String reason) {
    log.rejected(className, reason);
    inUse.run();
    // What one of the classes no longer tells is needed to keep the others' sessions safe.
    calls.keepAll("the agent does not know this version's " + className);
  }
}
