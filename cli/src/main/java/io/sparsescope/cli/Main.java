package io.sparsescope.cli;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.rewriter.RewriteException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code sparsescope} command. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
    name = "sparsescope",
    description = "The sparsity toolbox for ONNX on the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      InspectCommand.class,
      RewriteCommand.class,
      ProfileCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      SearchCommand.class,
      TrainCommand.class,
      MergeCommand.class,
      DriftCommand.class,
      AttachCommand.class,
      DemoCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "The launcher adds two commands that need the sources:",
      "  test    Installs what the tests need, builds, runs all of them.",
      "  bench   Measures: bench rewrite, overhead, startup, soak, search, report,",
      "          training.",
      "",
      "To watch a service from its start: java -javaagent:agent/target/sparsescope-agent.jar ..."
    })
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    Interruption interruption = Interruption.of(Thread.currentThread());
    int code = commandLine().execute(args);
    System.exit(interruption.exitCode(code));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(Main::report)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }

  /**
   * Our own exceptions say in one line what is wrong; anything else is a bug and shows itself
   * whole.
   */
  private static int report(
      Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (failure instanceof OnnxException
        || failure instanceof RewriteException
        || failure instanceof ProfileException
        || failure instanceof ExperimentException
        || failure instanceof CommandException) {
      err.println("sparsescope: " + failure.getMessage());
    } else if (failure instanceof InterruptedException) {
      err.println("sparsescope: interrupted");
    } else {
      err.println("sparsescope: unexpected failure, please report it:");
      failure.printStackTrace(err);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
