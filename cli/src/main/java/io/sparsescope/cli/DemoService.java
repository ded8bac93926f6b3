package io.sparsescope.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's service, run in a Java of its own.
 *
 * @param home folder of the sources, where the launcher built everything
 */
record DemoService(Path home) {

  static DemoService find() {
    String home = System.getProperty("sparsescope.home");
    if (home == null) {
      throw new CommandException("the demo is started by the launcher: ./sparsescope demo");
    }
    return new DemoService(Path.of(home));
  }

  /**
   * Runs the service to its end.
   *
   * @param folder where it leaves its files
   * @param profile where the agent writes its profile; null to run without agent
   * @return what it printed
   */
  String run(Path folder, Path profile) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (profile != null) {
      Path agent = built(home.resolve("agent/target/sparsescope-agent.jar"));
      command.add("-javaagent:" + agent + "=out=" + profile);
    }
    command.add("-cp");
    command.add(
        built(home.resolve("demo/target/sparsescope-demo.jar"))
            + File.pathSeparator
            + home.resolve("demo/target/lib")
            + File.separator
            + "*");
    command.add("io.sparsescope.demo.Service");
    command.add(folder.toString());
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exit = process.waitFor();
    if (exit != 0) {
      throw new CommandException("the demo's service failed (exit code " + exit + "), see above");
    }
    return printed;
  }

  private static Path built(Path file) {
    if (!Files.exists(file)) {
      throw new CommandException(file + " is missing; build it: mvn package -DskipTests");
    }
    return file;
  }
}
