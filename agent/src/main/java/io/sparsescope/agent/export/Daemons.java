package io.sparsescope.agent.export;

/** Threads that never keep the JVM alive and know nothing of the application's class loaders. */
final class Daemons {
  private Daemons() {}

  /** A thread that is not started yet. */
  static Thread of(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(Daemons.class.getClassLoader());
    return thread;
  }
}
