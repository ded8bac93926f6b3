package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;

/** A {@link DrivenProgram} in a JVM of its own, and an operator who attaches to it. */
final class DrivenChild implements AutoCloseable {
  private final Path folder;
  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  private DrivenChild(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
  }

  static DrivenChild start(Path java, Path folder, String... options) throws IOException {
    return start(java, "1.29.0", folder, options);
  }

  static DrivenChild start(Path java, String onnxruntime, Path folder, String... options)
      throws IOException {
    Path models = Files.createDirectories(folder.resolve("models"));
    TestModels.writeTo(models);
    List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx256m", "-Xverify:all"));
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(Machine.CLASSES + File.pathSeparator + Machine.onnxruntime(onnxruntime));
    command.add(DrivenProgram.class.getName());
    command.add(models.toString());
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(folder.resolve("err.txt").toFile())
            .start();
    DrivenChild child = new DrivenChild(folder, process);
    assertThat(child.out.readLine()).isEqualTo("ready");
    return child;
  }

  /** Has the program do something; returns its answer. */
  String tell(String line) {
    try {
      in.write(line + "\n");
      in.flush();
      return String.valueOf(out.readLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the agent answers: done, text, result. */
  Properties ask(String command, String key, String value) throws Exception {
    Path exchange = Files.createTempDirectory(folder, "ask");
    Properties request = new Properties();
    request.setProperty("command", command);
    request.setProperty("version", version());
    request.setProperty(key, value);
    try (Writer writer = Files.newBufferedWriter(exchange.resolve("request"))) {
      request.store(writer, null);
    }
    attach("attach:" + exchange.resolve("request"));
    Properties reply = new Properties();
    try (Reader reader = Files.newBufferedReader(exchange.resolve("reply"))) {
      reply.load(reader);
    }
    return reply;
  }

  /** The answer's text, which must be that of a success. */
  String done(String command, String key, String value) throws Exception {
    Properties reply = ask(command, key, value);
    assertThat(reply.getProperty("done")).as(reply.toString()).isEqualTo("true");
    return reply.getProperty("text");
  }

  void attach(String arguments) throws Exception {
    load(Machine.AGENT, arguments);
  }

  /**
   * ONNX Runtime's session classes as they are in force. The JVM puts a class's bytes together
   * anew, with its constants in any order; here they are in the order of their use.
   */
  List<String> classes() throws Exception {
    // Agents see classes in the order in which they were loaded: this one comes last.
    load(witness(folder), "");
    return Arrays.stream(tell("classes").split(" ")).map(DrivenChild::inOrder).toList();
  }

  private static String inOrder(String bytes) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(Base64.getDecoder().decode(bytes)).accept(writer, 0);
    return Base64.getEncoder().encodeToString(writer.toByteArray());
  }

  private void load(Path agent, String arguments) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    try {
      machine.loadAgent(agent.toString(), arguments);
    } finally {
      machine.detach();
    }
  }

  long pid() {
    return process.pid();
  }

  /** What the program's JVM printed about the agent. */
  List<String> agentLines() throws IOException {
    return Files.readAllLines(folder.resolve("err.txt")).stream()
        .filter(line -> line.startsWith("sparsescope:"))
        .toList();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    in.close();
    process.waitFor();
  }

  private static String version() throws IOException {
    return Files.readString(Path.of("target/classes/io/sparsescope/agent/runtime/version.txt"))
        .strip();
  }

  private static Path witness(Path folder) throws IOException {
    Path jar = folder.resolve("witness.jar");
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", Witness.class.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.putNextEntry(new JarEntry("empty"));
    }
    return jar;
  }
}
