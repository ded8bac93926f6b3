package io.sparsescope.agent.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Digests of files that have not changed since they were made. Keeps the latest few. */
final class KnownDigests {
  private static final int MOST = 200;

  /** Clocks of file systems may be as coarse as that. */
  private static final long COARSE_MILLIS = 3000;

  private final LongSupplier clock;

  private final Map<FileStamp, String> digests =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<FileStamp, String> eldest) {
          return size() > MOST;
        }
      };

  KnownDigests() {
    this(System::currentTimeMillis);
  }

  /**
   * @param clock milliseconds since 1970
   */
  KnownDigests(LongSupplier clock) {
    this.clock = clock;
  }

  /** Whether a change of the file at this moment, or later, would give it another stamp. */
  boolean isSettled(FileStamp stamp) {
    return clock.getAsLong() - stamp.changed().toMillis() > COARSE_MILLIS;
  }

  /** Null if it is not known. */
  synchronized String get(FileStamp stamp) {
    return digests.get(stamp);
  }

  synchronized void put(FileStamp stamp, String digest) {
    digests.put(stamp, digest);
  }
}
