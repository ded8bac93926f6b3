package io.sparsescope.agent.runtime;

import io.sparsescope.agent.config.LogLevel;
import io.sparsescope.agent.session.Journal;
import io.sparsescope.profile.AgentInfo;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the agent has to tell: on stderr as far as the level lets it, in the profile always. Every
 * failure is counted; the first few different ones are kept with their message.
 */
final class AgentLog implements Journal {
  private static final int MAX_LENGTH = 500;

  private final LogLevel level;
  private final LongAdder failures = new LongAdder();
  private final Set<String> messages = new LinkedHashSet<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private volatile boolean sawOnnxRuntime;

  AgentLog(LogLevel level) {
    this.level = level;
  }

  @Override
  public void failed(String what, Throwable cause) {
    failures.increment();
    try {
      String message = oneLine(what + ": " + cause);
      if (keep(messages, message)) {
        print(LogLevel.ERROR, message + " (the application goes on without)");
        if (level == LogLevel.DEBUG) {
          cause.printStackTrace();
        }
      }
    } catch (Throwable t) {
      // It is counted; where there is no memory for words there are none.
    }
  }

  @Override
  public void warn(String message) {
    say(LogLevel.WARN, message);
  }

  @Override
  public void info(String message) {
    say(LogLevel.INFO, message);
  }

  @Override
  public void debug(String message) {
    say(LogLevel.DEBUG, message);
  }

  private void say(LogLevel of, String message) {
    try {
      print(of, message);
    } catch (Throwable t) {
      // What cannot be said is not worth a failure.
    }
  }

  void woven(String className) {
    sawOnnxRuntime = true;
    debug(className + " is instrumented");
  }

  void rejected(String className, String reason) {
    sawOnnxRuntime = true;
    String note =
        oneLine(
            className
                + " is not instrumented: "
                + reason
                + "; use a version of ONNX Runtime that this agent knows");
    if (keep(notes, note)) {
      warn(note);
    }
  }

  /** Whether the application has loaded ONNX Runtime's classes. */
  boolean sawOnnxRuntime() {
    return sawOnnxRuntime;
  }

  AgentInfo info(String version, String onnxruntime) {
    synchronized (messages) {
      synchronized (notes) {
        return new AgentInfo(
            version, onnxruntime, failures.sum(), List.copyOf(messages), String.join("\n", notes));
      }
    }
  }

  private static boolean keep(Set<String> kept, String message) {
    synchronized (kept) {
      return kept.size() < AgentInfo.MAX_MESSAGES && kept.add(message);
    }
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s*\\R\\s*", " ");
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }

  @SuppressWarnings("SystemOut") // The application's log is not ours to use.
  private void print(LogLevel of, String message) {
    if (level.compareTo(of) >= 0) {
      System.err.println("sparsescope: " + oneLine(message));
    }
  }
}
