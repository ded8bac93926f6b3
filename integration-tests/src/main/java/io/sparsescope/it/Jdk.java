package io.sparsescope.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Java installation of this machine.
 *
 * @param feature its feature version, for example 17
 * @param home its folder
 */
public record Jdk(int feature, Path home) {

  /** The installation this JVM runs on. */
  public static Jdk current() {
    return new Jdk(Runtime.version().feature(), Path.of(System.getProperty("java.home")));
  }

  /**
   * Finds an installation: the current one, the one that the environment variable {@code
   * SPARSESCOPE_JDK<feature>} names, or one below /usr/lib/jvm. Prints a notice if there is none.
   */
  public static Optional<Jdk> find(int feature) {
    if (current().feature() == feature) {
      return Optional.of(current());
    }
    Optional<Jdk> found =
        Optional.ofNullable(System.getenv("SPARSESCOPE_JDK" + feature))
            .map(Path::of)
            .or(() -> installed(feature))
            .map(home -> new Jdk(feature, home));
    if (found.isEmpty()) {
      System.out.println(
          "NOTICE: no JDK %d (set SPARSESCOPE_JDK%d): what needs it is skipped"
              .formatted(feature, feature));
    }
    return found;
  }

  /** Its {@code java} program. */
  public Path java() {
    return home.resolve("bin/java");
  }

  private static Optional<Path> installed(int feature) {
    Path folder = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(folder)) {
      return homes
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .filter(home -> featureOf(home) == feature)
          .sorted()
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the line {@code JAVA_VERSION="25.0.1"} of an installation's release file. */
  private static int featureOf(Path home) {
    Path release = home.resolve("release");
    if (!Files.isReadable(release)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(release)) {
      return lines
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("[^0-9.]", "").replaceAll("\\..*", ""))
          .filter(version -> !version.isEmpty())
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
