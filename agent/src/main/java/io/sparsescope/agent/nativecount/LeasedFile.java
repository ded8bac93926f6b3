package io.sparsescope.agent.nativecount;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A file that nobody changes as long as it is open here: whoever would write it or cut it waits (a
 * lease, as Linux calls it), so that it can be mapped without fear. For a moment only: the system
 * lets them go on after some time, which is 45 s unless its administrator says otherwise.
 */
public final class LeasedFile implements AutoCloseable {
  /** Less time, in seconds, is not safe. */
  private static final int LEAST_SECONDS = 10;

  private final FileInputStream file;
  private final int number;
  private ByteBuffer mapping;

  private LeasedFile(FileInputStream file, int number) {
    this.file = file;
    this.number = number;
  }

  /** Whether there can be such files. */
  public static boolean isPossible() {
    return NativeLibrary.isLoaded() && Lasting.ENOUGH;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if the file belongs to somebody else, lies where others could change it all
   *     the same, or may be written at this moment
   */
  @SuppressWarnings("resource") // Closed with what is made of it.
  public static LeasedFile open(Path path) throws IOException {
    FileInputStream file = new FileInputStream(path.toFile());
    try {
      int number = NativeLibrary.lease(file.getFD());
      if (number < 0) {
        throw new IOException(path + " cannot be kept from changing");
      }
      return new LeasedFile(file, number);
    } catch (Throwable t) {
      file.close();
      throw t;
    }
  }

  /** Leads to this very file, whatever becomes of the name it was opened by. */
  public Path path() {
    return NativePipe.DESCRIPTORS.resolve(Integer.toString(number));
  }

  /**
   * All bytes of the file and some more behind them, until this is closed: then nobody may look at
   * the buffer any more.
   *
   * @param size of the file
   * @throws IOException if it has another size or cannot be read
   */
  public ByteBuffer map(long size, byte[] behind) throws IOException {
    if (mapping != null) {
      throw new IllegalStateException("it is mapped already");
    }
    mapping = NativeLibrary.map(number, size, behind);
    if (mapping == null) {
      throw new IOException("a model cannot be mapped");
    }
    return mapping;
  }

  @Override
  public void close() throws IOException {
    try {
      if (mapping != null) {
        NativeLibrary.unmap(mapping);
        mapping = null;
      }
    } finally {
      file.close();
    }
  }

  /** Asked once. */
  private static final class Lasting {
    private static final String SECONDS = "/proc/sys/fs/lease-break-time";
    private static final int DIGITS = 32;
    static final boolean ENOUGH = isEnough();

    private static boolean isEnough() {
      // Files of this kind are read at once or not at all.
      byte[] read = new byte[DIGITS];
      try (FileInputStream file = new FileInputStream(SECONDS)) {
        int count = file.read(read);
        String seconds = new String(read, 0, Math.max(0, count), StandardCharsets.US_ASCII);
        return Integer.parseInt(seconds.strip()) >= LEAST_SECONDS;
      } catch (IOException | RuntimeException e) {
        return false;
      }
    }
  }
}
