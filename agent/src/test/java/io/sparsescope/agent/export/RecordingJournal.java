package io.sparsescope.agent.export;

import io.sparsescope.agent.session.Journal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it is told. */
final class RecordingJournal implements Journal {
  final List<String> failures = new CopyOnWriteArrayList<>();
  final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public void failed(String what, Throwable cause) {
    failures.add(what + ": " + cause);
  }

  @Override
  public void warn(String message) {
    lines.add("warn " + message);
  }

  @Override
  public void info(String message) {
    lines.add("info " + message);
  }

  @Override
  public void debug(String message) {}
}
