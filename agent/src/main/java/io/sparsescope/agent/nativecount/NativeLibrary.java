package io.sparsescope.agent.nativecount;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The native library, {@code src/main/native}. Handles are native pointers: {@code api} is ONNX
 * Runtime's table of functions, as its Java classes pass it to native methods.
 */
final class NativeLibrary {
  private static final String RESOURCE = "linux-x64/libsparsescope-count.so";

  /** From this release of Java on, a library loaded without permission makes the JVM warn. */
  private static final int FIRST_WITH_WARNING = 24;

  private static String outcome;

  private NativeLibrary() {}

  /**
   * Loads the library, the first time, from a private file that is gone afterwards.
   *
   * @return "" or, in a few words, why there is none
   */
  static synchronized String load() {
    if (outcome == null) {
      outcome = tryToLoad();
    }
    return outcome;
  }

  /** Whether it was loaded before; loads nothing. */
  static synchronized boolean isLoaded() {
    return outcome != null && outcome.isEmpty();
  }

  private static String tryToLoad() {
    if (!isPlatform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""))) {
      return "there is a native library for Linux on x86-64 only";
    }
    if (wouldWarn()) {
      return "Java would warn of it; --enable-native-access=ALL-UNNAMED allows it";
    }
    try (InputStream in = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return "the agent was built without a C compiler";
      }
      Path file = Files.createTempFile("sparsescope-", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toAbsolutePath().toString());
      } finally {
        Files.delete(file);
      }
      return "";
    } catch (IOException | RuntimeException | LinkageError e) {
      return "the native library cannot be loaded: " + e;
    }
  }

  static boolean isPlatform(String system, String processor) {
    String arch = processor.toLowerCase(Locale.ROOT);
    return system.equals("Linux") && (arch.equals("amd64") || arch.equals("x86_64"));
  }

  /** ONNX Runtime's own library has made it warn by now, unless ONNX Runtime is a named module. */
  private static boolean wouldWarn() {
    if (Runtime.version().feature() < FIRST_WITH_WARNING) {
      return false;
    }
    try {
      Module module = NativeLibrary.class.getModule();
      return !(boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(module);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /** Whether sessions of this ONNX Runtime can have the operators, and run on the CPU only. */
  static native boolean works(long api);

  /**
   * A copy of session options with the operators.
   *
   * @param layout whether those of the blocked layout are needed
   * @return 0 if there can be none
   */
  static native long options(long api, long options, boolean layout);

  /**
   * A copy of session options that has no optimized model saved and no profile written.
   *
   * @return 0 if there can be none
   */
  static native long quietOptions(long api, long options);

  /**
   * Frees options that {@link #options} or {@link #quietOptions} made; sessions created with them
   * go on.
   */
  static native void closeOptions(long api, long options);

  /**
   * How many counters of the blocked layout this thread has created since {@link #options}; -1 if
   * an operator of the model's own was taken for one.
   */
  static native int counters();

  /**
   * Makes a pipe that no child process inherits.
   *
   * @param writing becomes its writing end
   * @param size how many bytes it should hold, if the system allows that many
   * @return the descriptor of its reading end, -1 if there can be no pipe
   */
  static native int pipe(FileDescriptor writing, int size);

  /** Closes the reading end of a pipe. */
  static native void closePipe(int reading);

  /**
   * Has whoever would change a file wait until it is closed.
   *
   * @param file open for reading
   * @return its number, -1 if the system does not do it for this file, or somebody may write it at
   *     this moment
   */
  static native int lease(FileDescriptor file);

  /**
   * Maps a file that is leased, with bytes behind it, and reads all of it into the page cache.
   *
   * @param size of the file, at least a page
   * @return null if that cannot be
   */
  static native ByteBuffer map(int file, long size, byte[] behind);

  /** Undoes a mapping, which nobody may look at any more. */
  static native void unmap(ByteBuffer mapping);

  /** Closes a session. */
  static native void closeSession(long api, long session);

  /**
   * Creates a session of a model in a file, apart from what Java code of ONNX Runtime's does.
   *
   * @throws IllegalStateException with ONNX Runtime's message
   */
  static native long sessionOfFile(long api, long environment, String path, long options);

  /**
   * Creates a session of a model in memory.
   *
   * @param model a direct buffer, all of which is the model
   * @throws IllegalStateException with ONNX Runtime's message
   */
  static native long sessionOfBuffer(long api, long environment, ByteBuffer model, long options);

  /** The native session that an {@code OrtSession} stands for. */
  static native long handle(Object session);

  /** Lets an {@code OrtSession} stand for another native session. */
  static native void exchange(Object session, long handle);
}
