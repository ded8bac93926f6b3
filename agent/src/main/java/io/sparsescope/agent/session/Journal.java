package io.sparsescope.agent.session;

/** Hears what a user or a maintainer of the agent should know. Never throws. */
public interface Journal {

  /** Something of ours failed and the application went on without it. */
  void failed(String what, Throwable cause);

  void warn(String message);

  void info(String message);

  void debug(String message);
}
