package io.sparsescope.agent.threads;

/**
 * Threads of the agent's: they never keep the JVM alive, and keep nothing of the thread that makes
 * them, neither its class loader nor what it lets others inherit.
 */
public final class Daemons {
  private Daemons() {}

  /** A thread that is not started yet. */
  public static Thread of(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(Daemons.class.getClassLoader());
    return thread;
  }
}
