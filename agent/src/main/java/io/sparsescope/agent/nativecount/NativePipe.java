package io.sparsescope.agent.nativecount;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A pipe whose reading end has a path, so that whoever wants a file reads what another thread
 * writes. Only this process can open it, and no process that it starts inherits it.
 */
public final class NativePipe implements AutoCloseable {
  static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** As much as Linux allows everybody. */
  private static final int SIZE = 1 << 20;

  private final int reading;

  @SuppressWarnings("resource") // Closes what the channel closes.
  private final FileChannel writing;

  private NativePipe(int reading, FileChannel writing) {
    this.reading = reading;
    this.writing = writing;
  }

  /**
   * Whether there can be pipes for an ONNX Runtime: the native library is loaded, and sessions run
   * on the CPU only (to other providers a model's path may mean more than where to read it).
   *
   * @param api ONNX Runtime's table of functions
   */
  public static boolean isPossible(long api) {
    return NativeLibrary.isLoaded() && Files.isDirectory(DESCRIPTORS) && NativeLibrary.works(api);
  }

  /**
   * Makes a pipe.
   *
   * @throws IOException if the process has too many open files
   */
  public static NativePipe open() throws IOException {
    FileDescriptor descriptor = new FileDescriptor();
    int reading = NativeLibrary.pipe(descriptor, SIZE);
    if (reading < 0) {
      throw new IOException("there can be no further pipe");
    }
    return new NativePipe(reading, new FileOutputStream(descriptor).getChannel());
  }

  /** Where the pipe is read. To open it does not block, whether or not somebody writes. */
  public String path() {
    return DESCRIPTORS.resolve(Integer.toString(reading)).toString();
  }

  /**
   * Where it is written; to close it is to say that this was all. Takes nothing as long as the pipe
   * is full.
   */
  public FileChannel writing() {
    return writing;
  }

  /** Closes both ends; whoever writes at this moment fails. */
  @Override
  public void close() throws IOException {
    NativeLibrary.closePipe(reading);
    writing.close();
  }
}
