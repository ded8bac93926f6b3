package io.sparsescope.agent.it;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program in a JVM of its own.
 *
 * @param exitCode of the JVM
 * @param out all it printed
 * @param err all it printed on stderr
 */
record Child(int exitCode, String out, String err) {
  private static final long LIMIT_SECONDS = 600;

  /** Runs {@code java arguments} in a folder of its own, where its temporary files go too. */
  static Child run(Path java, Path folder, List<String> arguments)
      throws IOException, InterruptedException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.add("-Xmx256m");
    command.add("-Xverify:all");
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(arguments);
    File out = folder.resolve("out.txt").toFile();
    File err = folder.resolve("err.txt").toFile();
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out)
            .redirectError(err)
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("no end within " + LIMIT_SECONDS + " s: " + command);
    }
    return new Child(
        process.exitValue(),
        Files.readString(out.toPath()),
        Files.readString(err.toPath(), StandardCharsets.UTF_8));
  }

  /** What it printed on stderr about the agent. */
  List<String> agentLines() {
    return err.lines().filter(line -> line.startsWith("sparsescope:")).toList();
  }
}
