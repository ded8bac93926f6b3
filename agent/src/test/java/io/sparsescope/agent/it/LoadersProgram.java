package io.sparsescope.agent.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Runs {@link OrtProgram} in two class loaders at once, each with an ONNX Runtime of its own on the
 * path {@code -Dprogram}; prints what the first one printed, then what the second did.
 *
 * <p>Arguments: the folder with the models; the second gets a copy.
 */
public final class LoadersProgram {
  private LoadersProgram() {}

  public static void main(String[] arguments) throws Exception {
    List<String> folders = List.of(arguments[0], copy(Path.of(arguments[0])).toString());
    PrintStream out = System.out;
    Map<Thread, ByteArrayOutputStream> printed = new ConcurrentHashMap<>();
    System.setOut(new PrintStream(new Sorted(printed), true, StandardCharsets.UTF_8));
    ExecutorService pool = Executors.newFixedThreadPool(folders.size());
    List<Future<String>> outputs = new ArrayList<>();
    for (String folder : folders) {
      outputs.add(pool.submit(() -> run(folder, printed)));
    }
    for (Future<String> output : outputs) {
      out.print(output.get());
    }
    out.flush();
    pool.shutdown();
  }

  private static Path copy(Path folder) throws IOException {
    Path copy = Files.createDirectories(folder.resolveSibling("copies"));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.write(copy.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
    return copy;
  }

  private static String run(String folder, Map<Thread, ByteArrayOutputStream> printed)
      throws Exception {
    ByteArrayOutputStream own = new ByteArrayOutputStream();
    printed.put(Thread.currentThread(), own);
    // Not closed: ONNX Runtime's shutdown hook still needs its classes.
    URLClassLoader loader = IsolatedProgram.loader("platform");
    loader
        .loadClass("io.sparsescope.agent.it.OrtProgram")
        .getMethod("main", String[].class)
        .invoke(null, (Object) new String[] {folder});
    return own.toString(StandardCharsets.UTF_8);
  }

  /** Tells what is printed by the thread that prints it. */
  private static final class Sorted extends OutputStream {
    private final Map<Thread, ByteArrayOutputStream> printed;

    Sorted(Map<Thread, ByteArrayOutputStream> printed) {
      this.printed = printed;
    }

    @Override
    public void write(int b) {
      printed.get(Thread.currentThread()).write(b);
    }
  }
}
