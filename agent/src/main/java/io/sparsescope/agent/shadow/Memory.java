package io.sparsescope.agent.shadow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Direct memory for copies, used again and again: what the JVM allocates outside the heap is freed
 * only when the garbage collector comes across it. Never holds more than its limit. Safe for use by
 * many threads.
 */
public final class Memory {
  /** Sizes are powers of two, from 2^12 on. */
  private static final int SMALLEST = 12;

  private static final int LARGEST = 30;

  private final long limit;
  private final Deque<ByteBuffer>[] free;
  private long held;
  private long freeBytes;

  /**
   * @param limit bytes
   */
  @SuppressWarnings({"unchecked", "rawtypes"}) // An array of a generic type.
  public Memory(long limit) {
    this.limit = limit;
    free = new Deque[LARGEST + 1];
    for (int i = 0; i < free.length; i++) {
      free[i] = new ArrayDeque<>();
    }
  }

  /**
   * A direct buffer of at least so many bytes in native order, from position 0; to be given back.
   * Null if the limit is reached.
   *
   * @throws OutOfMemoryError if the JVM has no direct memory left
   */
  public ByteBuffer take(long bytes) {
    int power = Math.max(SMALLEST, 64 - Long.numberOfLeadingZeros(Math.max(1, bytes) - 1));
    if (power > LARGEST) {
      return null;
    }
    synchronized (this) {
      ByteBuffer buffer = free[power].poll();
      if (buffer != null) {
        freeBytes -= 1L << power;
        return buffer;
      }
      if (!makeRoom(1L << power)) {
        return null;
      }
      held += 1L << power;
    }
    try {
      return ByteBuffer.allocateDirect(1 << power).order(ByteOrder.nativeOrder());
    } catch (Throwable t) {
      synchronized (this) {
        held -= 1L << power;
      }
      throw t;
    }
  }

  /** Gives a buffer back; nobody may use it any more. */
  public synchronized void giveBack(ByteBuffer buffer) {
    buffer.clear();
    free[31 - Integer.numberOfLeadingZeros(buffer.capacity())].push(buffer);
    freeBytes += buffer.capacity();
  }

  /** Bytes held, in use or not. */
  synchronized long held() {
    return held;
  }

  /** Lets go of buffers of other sizes that nobody uses, the largest first. */
  private boolean makeRoom(long bytes) {
    if (held - freeBytes + bytes > limit) {
      return false;
    }
    for (int power = LARGEST; power >= SMALLEST && held + bytes > limit; power--) {
      while (held + bytes > limit && free[power].poll() != null) {
        held -= 1L << power;
        freeBytes -= 1L << power;
      }
    }
    return true;
  }
}
