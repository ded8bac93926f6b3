package io.sparsescope.agent.runtime;

import io.sparsescope.agent.attach.AttachReply;
import io.sparsescope.agent.attach.AttachRequest;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.rewriter.RewriteException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;

/** What each command of an operator does. Never throws: every failure is an answer. */
final class AttachCommands implements Function<AttachRequest, AttachReply> {
  private final Control control;
  private final Supplier<AgentReport> report;
  private final String version;

  /**
   * @param report what the agent tells of itself
   * @param version the agent's own; requests of another are refused, which may mean other things
   */
  AttachCommands(Control control, Supplier<AgentReport> report, String version) {
    this.control = control;
    this.report = report;
    this.version = version;
  }

  @Override
  public AttachReply apply(AttachRequest request) {
    String asking = request.get(AttachRequest.VERSION);
    if (!asking.equals(version)) {
      return AttachReply.failed(
          "the agent in that JVM is version "
              + version
              + ", this command is version "
              + asking
              + "; use the command of that version, or restart the JVM");
    }
    try {
      return answer(request);
    } catch (OptionException | RewriteException | ProfileException e) {
      return AttachReply.failed(e.getMessage());
    } catch (Throwable t) {
      return AttachReply.failed("the agent failed: " + t);
    }
  }

  private AttachReply answer(AttachRequest request) throws Exception {
    String command = request.get(AttachRequest.COMMAND);
    switch (command) {
      case "start":
        return start(request.get(AttachRequest.OPTIONS));
      case "stop":
        return AttachReply.done(control.stop());
      case "dump":
        Path file = control.dump(request.get(AttachRequest.FILE));
        return new AttachReply(true, "wrote the profile to " + file, file.toString());
      case "status":
        AgentReport now = report.get();
        return new AttachReply(
            true, now.running() ? "the agent runs" : "the agent is not running", now.toJson());
      default:
        return AttachReply.failed("unknown command " + command);
    }
  }

  private AttachReply start(String options) {
    return control.status().running()
        ? AttachReply.failed(
            "the agent runs already, these options are ignored; stop it to start it with others")
        : AttachReply.done(control.start(options));
  }
}
