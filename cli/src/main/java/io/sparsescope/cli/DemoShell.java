package io.sparsescope.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** Shows commands as a user would type them here, and runs them. */
final class DemoShell {
  private final Path home;
  private final Path here;
  private final PrintWriter out;
  private final PrintWriter err;

  /**
   * @param home folder of the sources, where the launcher is
   * @param terminal where commands print to
   */
  DemoShell(Path home, CommandLine terminal) throws IOException {
    this.home = home;
    this.here = Path.of("").toRealPath();
    this.out = terminal.getOut();
    this.err = terminal.getErr();
  }

  /** A file of the sources. */
  Path source(String name) {
    return home.resolve(name);
  }

  /** A file as one would type it: relative to the working folder if it is in there. */
  String typed(Path file) {
    Path whole = file.toAbsolutePath();
    return (whole.startsWith(here) ? here.relativize(whole) : whole).toString();
  }

  void heading(String text) {
    out.println();
    say("== " + text);
  }

  void say(String text) {
    out.println(text);
    out.flush();
  }

  /** Shows a command, then runs it. */
  void run(List<String> arguments) {
    out.println();
    say("$ " + line(arguments));
    execute(arguments, out);
  }

  /** Runs a command without showing it, and gives what it printed. */
  String output(List<String> arguments) {
    StringWriter printed = new StringWriter();
    execute(arguments, new PrintWriter(printed));
    return printed.toString();
  }

  private void execute(List<String> arguments, PrintWriter to) {
    CommandLine command = Main.commandLine();
    command.setOut(to);
    command.setErr(err);
    int exit = command.execute(arguments.toArray(String[]::new));
    to.flush();
    if (exit != 0) {
      throw new CommandException("exit code " + exit + " of: " + line(arguments));
    }
  }

  private String line(List<String> arguments) {
    String launcher = typed(home.resolve("sparsescope"));
    return (launcher.contains("/") ? quoted(launcher) : "./" + launcher)
        + arguments.stream().map(word -> " " + quoted(word)).collect(Collectors.joining());
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:,=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
