package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is let go of by the application is kept by nobody. */
class LeakIT {
  private static final int SESSIONS = Integer.getInteger("sparsescope.sessions", 10_000);
  private static final int LOADERS = Integer.getInteger("sparsescope.loaders", 2_000);

  /** A leak of a kilobyte a session would be seven times this much. */
  private static final long HEAP_KIB = 1024;

  /** Threads' memory pools go on growing for a while; a leak of 16 KiB a session would be more. */
  private static final long RESIDENT_KIB = 96 * 1024;

  private static final int STARTS = Integer.getInteger("sparsescope.starts", 120);

  /** A leak in one of the three modes would be twice this: 240 sessions of 768 KiB and more. */
  private static final long STOPS_KIB = 96 * 1024;

  @TempDir Path folder;

  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = folder.resolve("tiny.onnx");
    Files.write(model, TestModels.tiny());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sample=1/1", "sample=1/2", "mode=shadow"})
  void sessionsAreForgottenWhenTheyAreClosed(String options) throws Exception {
    // The first way stands for what all have in common.
    int sessions = options.equals("sample=1/1") ? SESSIONS : SESSIONS / 4;
    Child child = run(List.of(ours(options)), "64m", ManySessionsProgram.class.getName(), sessions);

    System.out.println(options + ": " + child.out().replace("\n", "; "));
    List<long[]> lines = lines(child);
    long[] early = lines.get(0);
    long[] late = lines.get(1);
    assertThat(late[0]).as("heap, KiB").isLessThan(early[0] + HEAP_KIB);
    assertThat(late[1]).as("resident, KiB").isLessThan(early[1] + RESIDENT_KIB);
    assertThat(late[2]).as("threads").isLessThanOrEqualTo(early[2]);
    assertThat(late[3]).as("temporary files").isLessThanOrEqualTo(early[3]);
    ModelProfile seen = profile().models().get(0);
    assertThat(seen.sessions()).isEqualTo(sessions);
    assertThat(seen.runs()).isEqualTo(2L * sessions);
    // In shadow mode runs are dropped when too many wait, or their session is closed.
    assertThat(seen.sampledRuns())
        .isBetween(
            options.equals("mode=shadow")
                ? 1L
                : sessions * (options.equals("sample=1/2") ? 1L : 2L),
            sessions * (options.equals("sample=1/2") ? 1L : 2L));
  }

  @Test
  void nothingIsLeftOfStartsAndStopsWhileSessionsAreOpen() throws Exception {
    assumeThat(Machine.hasNativeLibrary()).isTrue();
    Files.write(model, TestModels.wide());
    Child child = run(List.of(ours("sample=1/1")), "64m", StoppingProgram.class.getName(), STARTS);

    System.out.println("stops: " + child.out().replace("\n", "; "));
    List<long[]> lines = lines(child);
    long[] early = lines.get(0);
    long[] late = lines.get(1);
    assertThat(late[0]).as("heap, KiB").isLessThan(early[0] + HEAP_KIB);
    assertThat(late[1]).as("resident, KiB").isLessThan(early[1] + STOPS_KIB);
    assertThat(late[2]).as("threads").isLessThanOrEqualTo(early[2]);
    assertThat(late[3]).as("temporary files").isLessThanOrEqualTo(early[3]);
  }

  private static List<long[]> lines(Child child) {
    List<long[]> lines =
        child
            .out()
            .lines()
            .map(line -> Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray())
            .toList();
    assertThat(lines).hasSize(2);
    return lines;
  }

  @Test
  void classLoadersAreCollectedThatHadAnOnnxRuntimeOfTheirOwn() throws Exception {
    Child child =
        run(
            // The stubs have no native library that operators could be given to.
            List.of(ours("counting=onnx"), "-javaagent:" + stubs()),
            "64m",
            ManyLoadersProgram.class.getName(),
            LOADERS);

    assertThat(child.out().strip())
        .isEqualTo(10L * LOADERS + " outputs, " + LOADERS + " loaders collected, 0 sessions left");
    ModelProfile seen = profile().models().get(0);
    assertThat(seen.sessions()).isEqualTo(LOADERS);
    assertThat(seen.taps())
        .hasSize(2)
        .allSatisfy(
            tap -> assertThat(tap.elements()).isEqualTo(2L * LOADERS * NativeStubs.ELEMENTS));
  }

  private Child run(List<String> agents, String heap, String main, int number) throws Exception {
    List<String> arguments = new ArrayList<>(agents);
    arguments.addAll(
        List.of(
            "-Xmx" + heap,
            "-XX:MaxMetaspaceSize=96m",
            "-XX:+UseSerialGC",
            "-cp",
            classPath(main),
            main,
            model.toString(),
            Integer.toString(number)));
    Child child =
        Child.run(Path.of(System.getProperty("java.home"), "bin", "java"), folder, arguments);
    assertThat(child.exitCode()).as(child.err()).isZero();
    assertThat(child.agentLines()).isEmpty();
    assertThat(profile().agent().failureMessages()).isEmpty();
    return child;
  }

  /** As short as can be for those with ONNX Runtime, which may not bear a long command line. */
  private static String classPath(String main) {
    return main.equals(ManyLoadersProgram.class.getName())
        ? System.getProperty("java.class.path") + File.pathSeparator + Machine.CLASSES
        : Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");
  }

  private static String ours(String options) {
    return "-javaagent:" + Machine.AGENT + "=out=profile.json,interval=1h,tap=op:Relu," + options;
  }

  private Profile profile() {
    return Profile.read(folder.resolve("profile.json"));
  }

  /** An agent's jar without classes: they lie on the class path. */
  private Path stubs() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", NativeStubs.class.getName());
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    Path jar = folder.resolve("stubs.jar");
    try (OutputStream file = Files.newOutputStream(jar)) {
      new JarOutputStream(file, manifest).close();
    }
    return jar;
  }
}
