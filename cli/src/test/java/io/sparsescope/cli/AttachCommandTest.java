package io.sparsescope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What can go wrong before a JVM is reached, and how requests and answers look. */
class AttachCommandTest {
  @TempDir private Path folder;
  private String out;
  private String err;

  private int run(String... arguments) {
    StringWriter stdout = new StringWriter();
    StringWriter stderr = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(stdout));
    command.setErr(new PrintWriter(stderr));
    int exit = command.execute(arguments);
    out = stdout.toString();
    err = stderr.toString();
    return exit;
  }

  @Test
  void listsJvmsWithoutItself() {
    assertThat(run("attach")).isZero();
    assertThat(out).doesNotContain(Long.toString(ProcessHandle.current().pid()) + " ");
  }

  @Test
  void wantsAProcessAndSomethingToDo() {
    assertThat(run("attach", "1")).isEqualTo(2);
    assertThat(err).contains("start|status|dump|stop");
    assertThat(run("attach", "stop")).isEqualTo(2);
    assertThat(err).contains("name the process");
    assertThat(run("attach", "one", "stop")).isEqualTo(2);
    assertThat(run("attach", "1", "explode")).isEqualTo(2);
  }

  @Test
  void saysThatThereIsNoSuchProcess() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();

    assertThat(run("attach", Long.toString(ended.pid()), "status")).isEqualTo(1);
    assertThat(err.strip()).startsWith("sparsescope: there is no process " + ended.pid());
  }

  @Test
  void leavesAProcessAloneThatIsNoJvm() throws Exception {
    assumeThat(Path.of("/proc/self/maps")).exists();
    Process other = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(run("attach", Long.toString(other.pid()), "stop")).isEqualTo(1);
      assertThat(err.strip()).contains("is no Java virtual machine").hasLineCount(1);
      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroy();
    }
  }

  @Test
  void doesNotAttachToItself() {
    assertThat(run("attach", Long.toString(ProcessHandle.current().pid()), "status")).isEqualTo(1);
    assertThat(err).contains("is this command");
  }

  @Test
  void givesTheRequestToNobodyElseAndLeavesNothingBehind() throws IOException {
    RunningProcess own = RunningProcess.of(ProcessHandle.current().pid());
    Path request;
    try (Exchange exchange = Exchange.with(new AgentRequest("start", "tap=a,b=c", ""), own)) {
      request = exchange.request();
      Properties values = new Properties();
      try (var reader = Files.newBufferedReader(request)) {
        values.load(reader);
      }
      assertThat(values)
          .containsEntry("command", "start")
          .containsEntry("options", "tap=a,b=c")
          .containsEntry("version", Version.current());
      if (Files.getFileStore(request).supportsFileAttributeView("posix")) {
        assertThat(Files.getPosixFilePermissions(request.getParent()))
            .allMatch(permission -> permission.name().startsWith("OWNER"));
      }
      Files.writeString(request.resolveSibling("reply"), "done=true\ntext=did it\nresult=x");
      assertThat(exchange.reply()).isEqualTo(new AgentReply("did it", "x"));
    }
    assertThat(request.getParent()).doesNotExist();
  }

  @Test
  void tellsAForeignProcessFromOnesOwn() {
    RunningProcess own = RunningProcess.of(ProcessHandle.current().pid());
    RunningProcess foreign = new RunningProcess(own.pid(), own.user() + "2", List.of());

    assertThat(own.isForeign()).isFalse();
    assertThat(foreign.isForeign()).isEqualTo(!own.user().isEmpty() && !own.user().equals("root"));
    assertThat(foreign.isOfOtherUser()).isTrue();
  }

  @Test
  void showsTheStatusToPeople() throws IOException {
    StringWriter text = new StringWriter();
    StatusText.print(
        new PrintWriter(text, true),
        new ObjectMapper()
            .readTree(
                """
                {"running": true, "version": "1", "onnxruntime": "", "options": {"tap": "op:Relu"},
                 "profile": "/p.json", "metrics": "", "hidingSessions": 1, "observedSessions": 2,
                 "failures": 1, "failureMessages": ["reading the taps"], "note": "",
                 "models": [{"name": "m.onnx", "arm": "b", "sessions": 3, "runs": 20,
                   "sampledRuns": 10, "tensors": 4, "notCounted": ""}]}"""));

    assertThat(text.toString())
        .contains("running (version 1, ONNX Runtime unknown)", "tap=op:Relu", "1 instrumented, 2 ")
        .contains("reading the taps", "m.onnx (b)")
        .doesNotContain("metrics");
  }
}
