package io.sparsescope.it.faults;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Asked at the entry of every method of the agent. Lies on the boot class path, where the agent's
 * own loader finds it.
 */
public final class FaultSwitch {
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
  private static final AtomicInteger FIRED = new AtomicInteger();
  private static volatile boolean recording;
  private static volatile String armed;
  private static volatile Supplier<Throwable> fault;

  private FaultSwitch() {}

  /** The agent enters a method. */
  public static void at(String method) {
    if (recording) {
      SEEN.add(method);
    } else if (method.equals(armed)) {
      FIRED.incrementAndGet();
      FaultSwitch.<RuntimeException>sneak(fault.get());
    }
  }

  /** Remembers from now on which methods are entered, instead of throwing. */
  public static void record(boolean on) {
    recording = on;
  }

  /** Methods that were entered while recording, in alphabetical order. */
  public static String[] seen() {
    return SEEN.stream().sorted().toArray(String[]::new);
  }

  /** From now on the method throws; null for none. */
  public static void arm(String method, Supplier<Throwable> what) {
    fault = what;
    armed = method;
  }

  /** How often something was thrown. */
  public static int fired() {
    return FIRED.get();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable t) throws T {
    throw (T) t;
  }
}
