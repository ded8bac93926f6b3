package io.sparsescope.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A program in a JVM of its own. Collects what to start, starts it, waits, and hands back what it
 * printed. Each child has its own folder for temporary files, removed afterwards.
 */
public final class ChildJvm {
  private static final Duration DEFAULT_LIMIT = Duration.ofMinutes(2);

  private final Jdk jdk;
  private final String main;
  private final List<Path> classPath = new ArrayList<>();
  private final List<String> options = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private Duration limit = DEFAULT_LIMIT;

  private ChildJvm(Jdk jdk, String main) {
    this.jdk = jdk;
    this.main = main;
  }

  /** A child that runs the main class {@code main} on {@code jdk}. */
  public static ChildJvm of(Jdk jdk, String main) {
    return new ChildJvm(jdk, main);
  }

  /** Adds jars and folders of classes, in this order. */
  public ChildJvm classPath(List<Path> entries) {
    classPath.addAll(entries);
    return this;
  }

  /** Adds every jar of a folder, in the order of their names. */
  public ChildJvm jarsOf(Path folder) {
    try (var files = Files.list(folder)) {
      return classPath(files.filter(f -> f.toString().endsWith(".jar")).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the class path this JVM runs on. */
  public ChildJvm ownClassPath() {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      classPath.add(Path.of(entry));
    }
    return this;
  }

  /** Adds options of the JVM, such as {@code -Xmx64m}. */
  public ChildJvm options(String... more) {
    options.addAll(List.of(more));
    return this;
  }

  /** Adds a Java agent; {@code agentOptions} may be empty. */
  public ChildJvm agent(Path jar, String agentOptions) {
    return options("-javaagent:" + jar + (agentOptions.isEmpty() ? "" : "=" + agentOptions));
  }

  /** Adds arguments of the program. */
  public ChildJvm arguments(String... more) {
    arguments.addAll(List.of(more));
    return this;
  }

  /** Sets after what time the child is ended. */
  public ChildJvm limit(Duration newLimit) {
    this.limit = newLimit;
    return this;
  }

  /**
   * Starts the child and waits for its end.
   *
   * @throws IllegalStateException if it does not end in time; it is then ended by force
   */
  public Result run() {
    Path folder = null;
    try {
      folder = Files.createTempDirectory(Repository.target("children"), "jvm");
      return run(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a child JVM ran", e);
    } finally {
      deleteTree(folder);
    }
  }

  /**
   * Starts the child and leaves it running, its standard streams for the caller to use but for
   * standard error, which goes to the file {@code stderr} of the folder.
   *
   * @param folder its working and temporary folder, which the caller deletes
   */
  public Process start(Path folder) throws IOException {
    return builder(folder).redirectError(folder.resolve("stderr").toFile()).start();
  }

  private ProcessBuilder builder(Path folder) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command(folder)).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARSESCOPE_"));
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder;
  }

  private Result run(Path folder) throws IOException, InterruptedException {
    Path out = folder.resolve("stdout");
    Path err = folder.resolve("stderr");
    ProcessBuilder builder =
        builder(folder).redirectOutput(out.toFile()).redirectError(err.toFile());
    long start = System.nanoTime();
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "no end within %s: %s%n%s".formatted(limit, builder.command(), Files.readString(err)));
      }
    } finally {
      process.destroyForcibly();
    }
    Duration wall = Duration.ofNanos(System.nanoTime() - start);
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err), wall);
  }

  private List<String> command(Path folder) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(jdk.java().toString());
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(options);
    command.add("@" + classPathFile(folder));
    command.add(main);
    command.addAll(arguments);
    return command;
  }

  /**
   * The class path as an argument file: ONNX Runtime 1.29 ends a JVM whose command line is very
   * long.
   */
  private Path classPathFile(Path folder) throws IOException {
    String joined =
        classPath.stream()
            .map(entry -> entry.toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    String quoted = "\"" + joined.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    return Files.writeString(folder.resolve("classpath.args"), "-cp " + quoted + "\n");
  }

  private static void deleteTree(Path folder) {
    if (folder == null) {
      return;
    }
    try {
      Cleanup.deleteTree(folder);
    } catch (IOException e) {
      System.err.println("could not delete " + folder + ": " + e);
    }
  }

  /**
   * What a child left behind.
   *
   * @param exitCode its exit code
   * @param out all of its standard output
   * @param err all of its standard error
   * @param wall time from its start to its end, JVM start included
   */
  public record Result(int exitCode, String out, String err, Duration wall) {

    /**
     * This result, if the child succeeded.
     *
     * @throws IllegalStateException with what the child printed, if its exit code is not 0
     */
    public Result orThrow() {
      if (exitCode != 0) {
        throw new IllegalStateException(
            "exit code %d%n--- stdout%n%s%n--- stderr%n%s"
                .formatted(exitCode, tail(out), tail(err)));
      }
      return this;
    }

    private static String tail(String text) {
      return text.length() <= 8000 ? text : "..." + text.substring(text.length() - 8000);
    }
  }
}
