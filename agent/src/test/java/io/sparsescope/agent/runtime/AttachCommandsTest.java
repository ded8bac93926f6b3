package io.sparsescope.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.attach.AttachReply;
import io.sparsescope.agent.attach.AttachRequest;
import io.sparsescope.agent.config.OptionException;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.profile.RunCost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachCommandsTest {
  @TempDir Path outer;

  private final FakeControl control = new FakeControl();

  @Test
  void startsWithTheOptionsOfTheRequest() {
    assertThat(ask("start", "options", "tap=op:Relu")).isEqualTo(AttachReply.done("started"));
    assertThat(control.calls).containsExactly("start tap=op:Relu");
  }

  @Test
  void refusesToStartAgain() {
    control.running = true;

    AttachReply reply = ask("start", "options", "tap=op:Relu");
    assertThat(reply.done()).isFalse();
    assertThat(reply.text()).contains("runs already", "stop it");
    assertThat(control.calls).isEmpty();
  }

  @Test
  void answersWithWhatIsWrong() {
    control.failure = new OptionException("unknown option x");
    assertThat(ask("start", "options", "x=1")).isEqualTo(AttachReply.failed("unknown option x"));

    control.failure = new ProfileException("p.json: cannot write the profile");
    assertThat(ask("dump", "file", "p.json"))
        .isEqualTo(AttachReply.failed("p.json: cannot write the profile"));

    control.failure = new OutOfMemoryError("heap");
    assertThat(ask("stop").text()).contains("the agent failed", "heap");
  }

  @Test
  void stopsAndDumps() {
    control.running = true;
    assertThat(ask("stop")).isEqualTo(AttachReply.done("stopped"));
    assertThat(ask("dump", "file", "p.json").result()).endsWith("p.json");
    assertThat(control.calls).containsExactly("stop", "dump p.json");
  }

  @Test
  void tellsItsStatusAsJson() {
    control.running = true;

    AttachReply reply = ask("status");
    assertThat(reply.text()).isEqualTo("the agent runs");
    assertThat(reply.result()).contains("\"running\":true", "\"options\":{\"tap\":\"op:Relu\"}");
  }

  @Test
  void refusesAnotherVersionAndUnknownCommands() {
    AttachReply other = new AttachCommands(control, () -> null, "1.0").apply(request("stop"));
    assertThat(other.done()).isFalse();
    assertThat(other.text()).contains("is version 1.0", "this command is version 0.9");
    assertThat(ask("explode")).isEqualTo(AttachReply.failed("unknown command explode"));
    assertThat(control.calls).isEmpty();
  }

  private AttachReply ask(String command, String... more) {
    return new AttachCommands(control, this::report, "0.9").apply(request(command, more));
  }

  private AgentReport report() {
    return AgentReport.of(
        control.profile(), control.status(), Map.of("tap", "op:Relu"), "/p.json", 0, 0, 0);
  }

  private AttachRequest request(String command, String... more) {
    Properties values = new Properties();
    values.setProperty("command", command);
    values.setProperty("version", "0.9");
    for (int i = 0; i < more.length; i += 2) {
      values.setProperty(more[i], more[i + 1]);
    }
    try {
      Path file = Files.createTempDirectory(outer, "request").resolve("request");
      try (Writer writer = Files.newBufferedWriter(file)) {
        values.store(writer, null);
      }
      return AttachRequest.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keeps what it is asked for, and fails when told to. */
  private static final class FakeControl implements Control {
    final List<String> calls = new ArrayList<>();
    boolean running;
    Throwable failure;

    @Override
    public String start(String options) {
      return did("start " + options, "started");
    }

    @Override
    public String stop() {
      return did("stop", "stopped");
    }

    @Override
    public Path dump(String file) {
      return Path.of(did("dump " + file, file)).toAbsolutePath();
    }

    private String did(String call, String answer) {
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      calls.add(call);
      return answer;
    }

    @Override
    public void reset() {
      calls.add("reset");
    }

    @Override
    public Status status() {
      return new Status("0.9", "1.29.0", running, 0, 0, 0, 0, RunCost.NONE, "");
    }

    @Override
    public Profile profile() {
      return new Profile(AgentInfo.of("0.9", "1.29.0"), List.of());
    }

    @Override
    public boolean sawOnnxRuntime() {
      return true;
    }
  }
}
