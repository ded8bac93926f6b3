package io.sparsescope.agent.silent;

import java.util.function.Supplier;

/** Has the methods that libraries call, and logs nothing. */
public final class Logger {
  private static final Logger LOGGER = new Logger();

  private Logger() {}

  public static Logger getLogger(String name) {
    return LOGGER;
  }

  public boolean isLoggable(Level level) {
    return false;
  }

  public Level getLevel() {
    return Level.SEVERE;
  }

  public void log(Level level, String message) {}

  public void log(Level level, Supplier<String> message) {}

  public void log(Level level, String message, Object parameter) {}

  public void log(Level level, String message, Object[] parameters) {}

  public void log(Level level, String message, Throwable thrown) {}

  public void log(Level level, Throwable thrown, Supplier<String> message) {}

  public void logp(Level level, String sourceClass, String sourceMethod, String message) {}

  public void logp(
      Level level, String sourceClass, String sourceMethod, String message, Throwable thrown) {}

  public void severe(String message) {}

  public void warning(String message) {}

  public void info(String message) {}

  public void config(String message) {}

  public void fine(String message) {}

  public void finer(String message) {}

  public void finest(String message) {}
}
