package io.sparsescope.cli;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/**
 * Has a command end in order when it is told to by Ctrl-C or {@code kill}: its thread is
 * interrupted, so that sessions are closed and half-written files deleted before the JVM ends.
 * Otherwise ONNX Runtime would be taken down under running sessions, which can crash the JVM. Told
 * twice, or not done in time, it ends at once.
 */
final class Interruption {
  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

  /** As shells have it: 128 and the signal's number. */
  private static final int BY_SIGNAL = 128;

  private static final long PATIENCE_MILLIS = 10_000;

  private final Thread command;
  private final AtomicInteger received = new AtomicInteger();

  private Interruption(Thread command) {
    this.command = command;
  }

  /** Listens for signals, where the system has them and they are not ignored. */
  static Interruption of(Thread command) {
    Interruption interruption = new Interruption(command);
    for (String name : SIGNALS) {
      try {
        Signal.handle(new Signal(name), interruption::receive);
      } catch (IllegalArgumentException e) {
        // The system has no such signal, or the JVM was told to leave signals alone.
      }
    }
    return interruption;
  }

  private void receive(Signal signal) {
    int code = BY_SIGNAL + signal.getNumber();
    if (!received.compareAndSet(0, code)) {
      Runtime.getRuntime().halt(code);
    }
    Thread patience = new Thread(() -> waitAndHalt(code), "sparsescope-interruption");
    patience.setDaemon(true);
    patience.start();
    command.interrupt();
  }

  private static void waitAndHalt(int code) {
    try {
      Thread.sleep(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      // Then it is time.
    }
    Runtime.getRuntime().halt(code);
  }

  /** What the JVM's exit code is where the command's own would be {@code code}. */
  int exitCode(int code) {
    return received.get() == 0 ? code : received.get();
  }
}
