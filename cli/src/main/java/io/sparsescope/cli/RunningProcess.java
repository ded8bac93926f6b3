package io.sparsescope.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the operating system tells of a process.
 *
 * @param pid its id
 * @param user its user, "" if unknown
 * @param arguments its arguments, none if unknown
 */
record RunningProcess(long pid, String user, List<String> arguments) {
  private static final String ROOT = "root";

  /**
   * @throws CommandException if there is none
   */
  static RunningProcess of(long pid) {
    ProcessHandle handle =
        ProcessHandle.of(pid)
            .filter(ProcessHandle::isAlive)
            .orElseThrow(
                () ->
                    new CommandException(
                        "there is no process " + pid + "; 'sparsescope attach' lists Java's"));
    return new RunningProcess(
        pid,
        handle.info().user().orElse(""),
        handle.info().arguments().map(List::of).orElse(List.of()));
  }

  /** Whether it is another user's, and we are not the administrator. */
  boolean isForeign() {
    String ours = ourUser();
    return !user.isEmpty() && !ours.isEmpty() && !user.equals(ours) && !ours.equals(ROOT);
  }

  /** Whether files for it must be given to its user: it is not ours, though we may attach. */
  boolean isOfOtherUser() {
    return !user.isEmpty() && !user.equals(ourUser());
  }

  /** Whether it is known to have loaded no JVM; false where that cannot be told. */
  boolean isSurelyNoJvm() {
    return Files.isReadable(mapsOf(pid)) && !maps(pid, "libjvm");
  }

  /** Whether a process has loaded a library; false where that cannot be told. */
  static boolean maps(long pid, String library) {
    // Names of files may be in any encoding.
    try (BufferedReader reader = Files.newBufferedReader(mapsOf(pid), StandardCharsets.ISO_8859_1);
        Stream<String> lines = reader.lines()) {
      return lines.anyMatch(line -> line.contains("/" + library));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static Path mapsOf(long pid) {
    return Path.of("/proc", Long.toString(pid), "maps");
  }

  private static String ourUser() {
    return ProcessHandle.current().info().user().orElse("");
  }
}
