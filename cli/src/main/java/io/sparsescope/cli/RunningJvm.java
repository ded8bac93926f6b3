package io.sparsescope.cli;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * A JVM that runs already, and the agent in it. Looks at the process before it attaches: the JDK
 * attaches by a signal that ends, or makes talk, what is no JVM or does not want to be attached to.
 */
final class RunningJvm {
  private static final String NOT_ALLOWED = "-XX:+DisableAttachMechanism";

  private final long pid;
  private final RunningProcess process;

  private RunningJvm(long pid, RunningProcess process) {
    this.pid = pid;
    this.process = process;
  }

  /**
   * @throws CommandException if there is no such process, it is no JVM or another user's, or does
   *     not let anybody attach
   */
  static RunningJvm of(long pid) {
    RunningProcess process = RunningProcess.of(pid);
    if (pid == ProcessHandle.current().pid()) {
      throw new CommandException("process " + pid + " is this command; name a service's");
    }
    if (process.isForeign()) {
      throw new CommandException(
          "process "
              + pid
              + " belongs to the user "
              + process.user()
              + ", and the JDK lets only that user attach to it; run the command as "
              + process.user());
    }
    if (process.isSurelyNoJvm()) {
      throw new CommandException(
          "process " + pid + " is no Java virtual machine; 'sparsescope attach' lists those");
    }
    if (process.arguments().contains(NOT_ALLOWED)) {
      throw new CommandException(
          "process "
              + pid
              + " was started with "
              + NOT_ALLOWED
              + "; start it with -javaagent instead");
    }
    return new RunningJvm(pid, process);
  }

  /** A JVM of this user's. */
  record Listed(long pid, String main, boolean hasOnnxRuntime) {}

  /** This user's JVMs, this one apart, by process id. */
  static List<Listed> list() {
    return VirtualMachine.list().stream()
        .filter(jvm -> jvm.id().matches("[0-9]+"))
        .map(RunningJvm::listed)
        .filter(jvm -> jvm.pid() != ProcessHandle.current().pid())
        .sorted(Comparator.comparingLong(Listed::pid))
        .toList();
  }

  private static Listed listed(VirtualMachineDescriptor jvm) {
    long pid = Long.parseLong(jvm.id());
    String main = jvm.displayName().split(" ", 2)[0];
    return new Listed(
        pid, main.isEmpty() ? "(unknown)" : main, RunningProcess.maps(pid, "libonnxruntime"));
  }

  /**
   * Has the agent carry out a command; loads it if it is not there yet.
   *
   * @param agent the agent's jar
   * @throws CommandException if the JVM cannot be attached to, or the agent says that it failed
   */
  AgentReply ask(Path agent, AgentRequest request) {
    try (Exchange exchange = Exchange.with(request, process)) {
      attach(agent, "attach:" + exchange.request());
      return exchange.reply();
    } catch (IOException e) {
      throw new CommandException("cannot exchange files with process " + pid + ": " + e, e);
    }
  }

  private void attach(Path agent, String arguments) throws IOException {
    VirtualMachine machine;
    try {
      machine = VirtualMachine.attach(Long.toString(pid));
    } catch (AttachNotSupportedException | IOException e) {
      throw new CommandException(
          "process "
              + pid
              + " cannot be attached to ("
              + oneLine(e)
              + "); it may be ending, hang, be in another container, or not allow it ("
              + NOT_ALLOWED
              + ")",
          e);
    }
    try {
      machine.loadAgent(agent.toString(), arguments);
    } catch (AgentLoadException | AgentInitializationException e) {
      throw new CommandException(refusal(agent, String.valueOf(e.getMessage())), e);
    } finally {
      machine.detach();
    }
  }

  private String refusal(Path agent, String message) {
    if (message.contains("EnableDynamicAgentLoading")) {
      return "process "
          + pid
          + " loads no agents while it runs; start it with -XX:+EnableDynamicAgentLoading, or with"
          + " -javaagent";
    }
    return "process "
        + pid
        + " did not load "
        + agent
        + " ("
        + message.lines().findFirst().orElse("")
        + "); it must be able to read that file, under that name";
  }

  private static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
