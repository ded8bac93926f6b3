package io.sparsescope.cli;

import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileTable;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "attach",
    description = "Watches a JVM that runs already: starts, asks and stops the agent in it.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "start|status|dump|stop",
    footer = {
      "",
      "Without arguments it lists this user's JVMs. Of sessions that exist at the",
      "start only inputs and outputs are counted; models that are loaded later are",
      "counted as with -javaagent. From Java 21 on the service prints a warning that an",
      "agent was loaded, unless it runs with -XX:+EnableDynamicAgentLoading. A service",
      "in a container: run the command in that container."
    })
final class AttachCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "PID", description = "The process id of the JVM.")
  private Long pid;

  /** Lists what could be attached to. */
  @Override
  public Integer call() {
    if (pid != null) {
      throw new ParameterException(
          spec.commandLine(), "say what to do with process " + pid + ": start|status|dump|stop");
    }
    requireJdk();
    List<RunningJvm.Listed> all = RunningJvm.list();
    if (all.isEmpty()) {
      spec.commandLine().getOut().println("no other JVM of this user's is running");
      return 0;
    }
    Table table = new Table("pid", "main class", "ONNX Runtime");
    all.forEach(jvm -> table.row(jvm.pid(), jvm.main(), jvm.hasOnnxRuntime() ? "loaded" : ""));
    table.print(spec.commandLine().getOut());
    return 0;
  }

  @Command(
      name = "start",
      description = "Counts from now on. Each start counts from nought.",
      mixinStandardHelpOptions = true)
  int start(
      @Parameters(
              arity = "0..1",
              defaultValue = "",
              paramLabel = "KEY=VALUE,...",
              description =
                  "Options as behind -javaagent:...=; file names are relative to the service's"
                      + " folder.")
          String options) {
    return tell(ask(new AgentRequest("start", options, "")).text());
  }

  @Command(
      name = "status",
      description = "Says whether the agent runs, with what options, and what it has seen.",
      mixinStandardHelpOptions = true)
  int status(@Option(names = "--json", description = "Prints JSON instead of text.") boolean json) {
    AgentReply reply = ask(AgentRequest.of("status"));
    if (json) {
      Json.print(spec.commandLine().getOut(), Json.parse(reply.result()));
    } else {
      StatusText.print(spec.commandLine().getOut(), Json.parse(reply.result()));
    }
    return 0;
  }

  @Command(
      name = "dump",
      description = "Writes the profile now and prints it.",
      mixinStandardHelpOptions = true)
  int dump(
      @Option(
              names = {"-o", "--output"},
              paramLabel = "PROFILE.json",
              description = "The file, which the service's process writes (default: the agent's).")
          Path out) {
    AgentReply reply =
        ask(new AgentRequest("dump", "", out == null ? "" : out.toAbsolutePath().toString()));
    tell(reply.text());
    Path file = Path.of(reply.result());
    if (Files.isReadable(file)) {
      PrintWriter text = spec.commandLine().getOut();
      text.println();
      text.print(ProfileTable.render(Profile.read(file), Terminal.width()));
      text.flush();
    }
    return 0;
  }

  @Command(
      name = "stop",
      description = "Writes the profile, stops counting and takes back what was instrumented.",
      mixinStandardHelpOptions = true)
  int stop() {
    return tell(ask(AgentRequest.of("stop")).text());
  }

  private AgentReply ask(AgentRequest request) {
    if (pid == null) {
      throw new ParameterException(
          spec.commandLine(), "name the process: sparsescope attach PID " + request.command());
    }
    requireJdk();
    RunningJvm jvm = RunningJvm.of(pid);
    return jvm.ask(agentJar(), request);
  }

  private int tell(String text) {
    spec.commandLine().getOut().println(text);
    return 0;
  }

  private static void requireJdk() {
    if (ModuleLayer.boot().findModule("jdk.attach").isEmpty()) {
      throw new CommandException(
          "the Java in "
              + System.getProperty("java.home")
              + " cannot attach (it has no module jdk.attach); set JAVA_HOME to a JDK");
    }
  }

  private static Path agentJar() {
    Path jar =
        Path.of(System.getProperty("sparsescope.home", ""))
            .resolve("agent/target/sparsescope-agent.jar")
            .toAbsolutePath();
    if (!Files.isReadable(jar)) {
      throw new CommandException(
          jar + " is missing; build it with: mvn -pl agent -am -DskipTests package");
    }
    return jar;
  }
}
