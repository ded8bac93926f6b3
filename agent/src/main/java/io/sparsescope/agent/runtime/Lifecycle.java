package io.sparsescope.agent.runtime;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.agent.session.OpenSessions;
import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The agent in one JVM, from start to stop and on to the next start. Each start counts from nought.
 * After a stop ONNX Runtime's classes get their own code back: at once, or when the last session
 * that has something of ours which cannot be taken back is closed.
 */
final class Lifecycle implements Control {
  private final Instrumentation instrumentation;
  private final OpenSessions sessions = new OpenSessions();
  private final BeanRegistration bean = new BeanRegistration(this);

  /** The agent that runs, or that ran last; null before the first start. */
  private volatile RunningAgent agent;

  private volatile boolean running;

  /** Options of the last start, as they were written. */
  private volatile Map<String, String> given = Map.of();

  /** Whether ONNX Runtime's classes call us, or would if there were any. */
  private boolean redirecting;

  Lifecycle(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  @Override
  public synchronized String start(String arguments) {
    if (running) {
      return "the agent runs already";
    }
    RunningAgent next = new RunningAgent(AgentOptions.read(arguments), instrumentation, sessions);
    sessions.whenUnused(null);
    if (redirecting) {
      agent.handOver();
    }
    redirecting = true;
    agent = next;
    given = AgentOptions.given(arguments);
    try {
      next.start();
      running = true;
    } catch (UnmodifiableClassException e) {
      throw new IllegalStateException("ONNX Runtime's classes cannot be transformed: " + e, e);
    } finally {
      if (!running) {
        next.stop();
        next.release();
        awaitLast(next);
      }
    }
    bean.begin();
    return "agent " + Version.get() + " started";
  }

  @Override
  public synchronized String stop() {
    if (!running) {
      return "the agent is not running";
    }
    running = false;
    bean.end();
    RunningAgent stopped = agent;
    stopped.stop();
    boolean released = stopped.release();
    List<String> reasons = sessions.reasons();
    int hiding = sessions.hiding();
    if (awaitLast(stopped)) {
      return "agent stopped; ONNX Runtime's classes are as they were";
    }
    if (!released) {
      return "agent stopped; ONNX Runtime's classes get their own code back when the runs under way"
          + " have ended"
          + (reasons.isEmpty() ? "" : " and sessions are closed: " + String.join("; ", reasons));
    }
    return "agent stopped; what is ours stays hidden in "
        + hiding
        + " open "
        + (hiding == 1 ? "session" : "sessions")
        + " ("
        + String.join("; ", reasons)
        + "), and ONNX Runtime's classes get their own code back when the last is closed";
  }

  /** Undoes now, and returns true, or once nothing is hidden any more. */
  private boolean awaitLast(RunningAgent stopped) {
    if (sessions.whenUnused(() -> undoSoon(stopped))) {
      undo(stopped);
      return true;
    }
    return false;
  }

  /** Not on the application's thread, which closes a session and may hold locks of its own. */
  private void undoSoon(RunningAgent stopped) {
    Daemons.of("sparsescope-undo", () -> undo(stopped)).start();
  }

  private synchronized void undo(RunningAgent stopped) {
    if (redirecting && !running && agent == stopped) {
      redirecting = false;
      stopped.undo();
    }
  }

  @Override
  public Path dump(String file) {
    Path target = target(file);
    profile().writeTo(target);
    return target;
  }

  private Path target(String file) {
    if (file == null || file.isEmpty()) {
      RunningAgent last = agent;
      if (last == null || last.options().out().isEmpty()) {
        throw new OptionException("the agent has no profile file; name one");
      }
      return last.options().out().get();
    }
    try {
      return Path.of(file).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new OptionException(file + " is no file name; name the file to write", e);
    }
  }

  @Override
  public void reset() {
    RunningAgent last = agent;
    if (last != null) {
      last.reset();
    }
  }

  @Override
  public Status status() {
    RunningAgent last = agent;
    return Status.of(profile(), running, last == null ? "" : last.metricsAddress());
  }

  /** What an operator may want to know, as of now. */
  AgentReport report() {
    RunningAgent last = agent;
    return AgentReport.of(
        profile(),
        status(),
        given,
        last == null ? "" : last.options().out().map(Path::toString).orElse(""),
        sessions.count(),
        sessions.hiding(),
        last == null ? 0 : last.observed());
  }

  @Override
  public Profile profile() {
    RunningAgent last = agent;
    return last == null ? new Profile(AgentInfo.of(Version.get(), ""), List.of()) : last.profile();
  }

  @Override
  public Optional<Drift> drift() {
    RunningAgent last = agent;
    return last == null ? Optional.empty() : last.drift();
  }

  @Override
  public boolean sawOnnxRuntime() {
    RunningAgent last = agent;
    return last != null && last.sawOnnxRuntime();
  }
}
