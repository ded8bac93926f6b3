package io.sparsescope.it.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.experiments.WeightCounter;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.profile.WeightCounts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ServicesIT {
  private static final List<Integer> JDKS = List.of(17, 25);
  private static final int SENTENCES = 50;
  private static final int IMAGES = 1000;
  private static final int BATCH = 10;

  @TempDir static Path folder;

  /** What the profile must say, from the model's architecture. */
  private record Expected(int runs, int taps, long elements) {}

  /** Takes the offline profile that the agent's must equal, on a version of ONNX Runtime. */
  private interface Offline {
    Profile on(String onnxRuntime);
  }

  @TestFactory
  Stream<DynamicTest> embeddingServiceComputesAndCountsTheSame() throws IOException {
    Path sentences = folder.resolve("sentences.txt");
    Files.write(sentences, Sentences.fifty());
    Path tokens = Files.createDirectories(folder.resolve("tokens"));
    Service service =
        new Service(
            "langchain4j",
            "io.sparsescope.it.services.EmbeddingService",
            List.of(sentences.toString(), tokens.toString()));
    Path model = extract(service, "all-minilm-l6-v2-q.onnx");
    service.on(Jdk.current(), "1.29.0").run().orThrow();
    Path data = folder.resolve("minilm");
    Inputs.writeDataSets(model, tokens, SENTENCES, data);

    // Counted with NumPy: tables of words, types and places, and 36 matrices, by zero point.
    try (ModelFile file = ModelFile.open(model)) {
      assertThat(WeightCounts.sum(WeightCounter.count(file).weights()))
          .isEqualTo(new Counts(22_534_656, 1_095_741, 0));
    }

    // Six blocks: query, key, value and two outputs of 384 elements, an intermediate of 1536.
    Expected expected = new Expected(SENTENCES, 36, 6L * (5 * 384 + 1536) * tokens(tokens));
    return tests(
        service, expected, ort -> OfflineProfile.take(ort, model, "onnx:" + data, 1, scratch()));
  }

  @TestFactory
  Stream<DynamicTest> classificationServiceComputesAndCountsTheSame() throws IOException {
    Optional<Path> model = Repository.shared("models/resnet20_cifar10/resnet20_cifar10.onnx");
    Optional<Path> batch = Repository.shared("data/cifar10/test_batch.bin.xz");
    assumeTrue(model.isPresent() && batch.isPresent(), "../shared is absent");
    byte[] pixels = Images.normalized(batch.get(), IMAGES);
    Path images = folder.resolve("images.bin");
    Files.write(images, pixels);
    Path npy = folder.resolve("images.npy");
    Inputs.writeNpy(pixels, "(%d, 3, 32, 32)".formatted(IMAGES), npy);
    Service service =
        new Service(
            "djl",
            "io.sparsescope.it.services.ClassificationService",
            List.of(model.get().toString(), images.toString(), BATCH + ""));

    // 7 activations of 16x32x32, 6 of 32x16x16, 6 of 64x8x8, and the scores.
    long elements = 7 * 16 * 32 * 32 + 6 * 32 * 16 * 16 + 6 * 64 * 8 * 8 + 10;
    return tests(
        service,
        new Expected(IMAGES / BATCH, 20, IMAGES * elements),
        ort -> OfflineProfile.take(ort, model.get(), "npy:" + npy, BATCH, scratch()));
  }

  private static Stream<DynamicTest> tests(Service service, Expected expected, Offline offline) {
    List<DynamicTest> tests = new ArrayList<>();
    Map<String, Profile> profiles = new TreeMap<>();
    for (int feature : JDKS) {
      Optional<Jdk> jdk = Jdk.find(feature);
      if (jdk.isEmpty()) {
        continue;
      }
      for (String ort : Service.ONNX_RUNTIMES) {
        String name = "%s, JDK %d, ONNX Runtime %s".formatted(service.module(), feature, ort);
        tests.add(
            DynamicTest.dynamicTest(
                name,
                () -> {
                  if (!profiles.containsKey(ort)) {
                    profiles.put(ort, offline.on(ort));
                  }
                  compare(service, jdk.get(), ort, expected, profiles.get(ort), name);
                }));
      }
    }
    return tests.stream();
  }

  private static void compare(
      Service service, Jdk jdk, String ort, Expected expected, Profile offline, String name)
      throws IOException {
    ChildJvm.Result plain = service.on(jdk, ort).run().orThrow();
    Path file = scratch();
    ChildJvm.Result observed =
        service.on(jdk, ort).agent(Repository.agentJar(), "out=" + file).run().orThrow();

    assertThat(observed.out()).isNotEmpty().isEqualTo(plain.out());
    assertThat(observed.err()).doesNotContainIgnoringCase("sparsescope");
    Profile profile = Profile.read(file);
    assertThat(profile.agent().failures()).isZero();
    assertThat(profile.agent().onnxruntime()).isEqualTo(ort);
    assertThat(profile.models()).hasSize(1);
    ModelProfile model = profile.models().get(0);
    ModelProfile same = offline.models().get(0);
    assertThat(model.sha256()).isEqualTo(same.sha256());
    assertThat(model.runs()).isEqualTo(expected.runs());
    assertThat(model.sampledRuns()).isEqualTo(expected.runs());
    assertThat(counts(model)).hasSize(expected.taps()).isEqualTo(counts(same));
    assertThat(model.runTaps().stream().mapToLong(TapProfile::elements).sum())
        .isEqualTo(expected.elements());
    print(name, plain, observed, model);
  }

  /** What was counted, tensor by tensor. */
  private static Map<String, String> counts(ModelProfile model) {
    Map<String, String> counts = new TreeMap<>();
    for (TapProfile tap : model.runTaps()) {
      counts.put(
          tap.op() + " " + tap.tensor(), tap.type() + ", " + tap.runs() + " runs, " + tap.counts());
    }
    return counts;
  }

  private static void print(
      String name, ChildJvm.Result plain, ChildJvm.Result observed, ModelProfile model) {
    long elements = model.runTaps().stream().mapToLong(TapProfile::elements).sum();
    long zeros = model.runTaps().stream().mapToLong(TapProfile::zeros).sum();
    System.out.printf(
        "%s: %d taps, %,d of %,d elements zero; %.1f s, with agent %.1f s (JVM start included)%n",
        name,
        model.runTaps().size(),
        zeros,
        elements,
        plain.wall().toMillis() / 1e3,
        observed.wall().toMillis() / 1e3);
  }

  private static long tokens(Path folder) throws IOException {
    long tokens = 0;
    for (int i = 0; i < SENTENCES; i++) {
      tokens += Files.readString(folder.resolve(i + ".ids")).split(" ", -1).length;
    }
    return tokens;
  }

  private static Path extract(Service service, String resource) throws IOException {
    List<URL> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(service.folder().resolve("runtime"))) {
      for (Path file : files.toList()) {
        URI uri = file.toUri();
        jars.add(uri.toURL());
      }
    }
    Path out = folder.resolve(resource);
    try (URLClassLoader loader = new URLClassLoader(jars.toArray(new URL[0]), null);
        InputStream in = loader.getResourceAsStream(resource)) {
      Files.copy(in, out);
    }
    return out;
  }

  private static Path scratch() {
    return folder.resolve("profile-" + System.nanoTime() + ".json");
  }
}
