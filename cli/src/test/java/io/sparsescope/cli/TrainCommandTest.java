package io.sparsescope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code train} as a shell sees it, on small images whose bright corner is their class. */
class TrainCommandTest {
  private static final int SIZE = 12;

  @TempDir private Path folder;
  private String out;
  private String err;

  @BeforeEach
  void writeImages() throws IOException {
    write("train", 96);
    write("t10k", 40);
  }

  private void write(String set, int count) throws IOException {
    SplittableRandom random = new SplittableRandom(count);
    ByteBuffer images = ByteBuffer.allocate(16 + count * SIZE * SIZE);
    ByteBuffer labels = ByteBuffer.allocate(8 + count);
    images.putInt(0x0803).putInt(count).putInt(SIZE).putInt(SIZE);
    labels.putInt(0x0801).putInt(count);
    for (int i = 0; i < count; i++) {
      int label = i % 4;
      labels.put((byte) label);
      for (int p = 0; p < SIZE * SIZE; p++) {
        int corner = (p / SIZE < SIZE / 2 ? 0 : 2) + (p % SIZE < SIZE / 2 ? 0 : 1);
        images.put((byte) (random.nextInt(80) + (corner == label ? 120 : 0)));
      }
    }
    Files.write(folder.resolve(set + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(set + "-labels-idx1-ubyte"), labels.array());
  }

  private int run(Object... arguments) {
    StringWriter stdout = new StringWriter();
    StringWriter stderr = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(stdout));
    command.setErr(new PrintWriter(stderr));
    int exit = command.execute(Stream.of(arguments).map(String::valueOf).toArray(String[]::new));
    out = stdout.toString();
    err = stderr.toString();
    return exit;
  }

  /** A net of one layer over such images. */
  private Path linear() {
    return ModelBuilder.model(13)
        .input("image", ElementType.FLOAT, -1, 1, SIZE, SIZE)
        .output("scores", ElementType.FLOAT, -1, 4)
        .initializer("w", new float[4 * SIZE * SIZE], SIZE * SIZE, 4)
        .initializer("b", new float[4], 4)
        .node("Flatten", List.of("image"), List.of("flat"), "flatten")
        .node("Gemm", List.of("flat", "w", "b"), List.of("scores"), "fc")
        .writeTo(folder.resolve("linear.onnx"));
  }

  @Test
  void learnsTargetsThatAreNoClasses() throws IOException {
    // y = 2 a - b + 1 of two numbers.
    ByteBuffer x = ByteBuffer.allocate(4 * 2 * 50).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer y = ByteBuffer.allocate(8 * 50).order(ByteOrder.LITTLE_ENDIAN);
    SplittableRandom random = new SplittableRandom(1);
    for (int r = 0; r < 50; r++) {
      float a = (float) random.nextDouble(-1, 1);
      float b = (float) random.nextDouble(-1, 1);
      x.putFloat(a).putFloat(b);
      y.putDouble(2.0 * a - b + 1);
    }
    String data =
        "npy:" + npy("x.npy", "<f4", "(50, 2)", x) + "," + npy("y.npy", "<f8", "(50,)", y);
    Path model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .output("y", ElementType.FLOAT, -1, 1)
            .initializer("w", new float[2], 2, 1)
            .initializer("b", new float[1], 1)
            .node("Gemm", List.of("x", "w", "b"), List.of("y"), "fc")
            .writeTo(folder.resolve("line.onnx"));
    Path fitted = folder.resolve("fitted.onnx");
    assertThat(
            run(
                "train",
                model,
                "--data",
                data,
                "--test",
                data,
                "--loss",
                "squared-error",
                "-o",
                fitted,
                "--batch",
                50,
                "--steps",
                400,
                "--lr",
                "0.3",
                "--evaluate-every",
                200))
        .isZero();
    assertThat(out)
        .containsPattern("step 200, epoch 200\\.00: loss [0-9.]+, squared error [0-9.e-]+");
    assertThat(run("evaluate", fitted, "--data", data, "--metric", "squared-error", "--json"))
        .isZero();
    assertThat(new ObjectMapper().readTree(out).at("/results/0/mean").doubleValue())
        .isNegative()
        .isGreaterThan(-1e-6);
  }

  /** Sessions must be closed before the JVM ends: ONNX Runtime would go down under them. */
  @Test
  void endsInOrderWhenItIsToldTo() throws Exception {
    Path fitted = folder.resolve("fitted.onnx");
    ProcessBuilder child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Main.class.getName(),
                "train",
                linear().toString(),
                "--data",
                "idx:" + folder,
                "--steps",
                "100000000",
                "--evaluate-every",
                "10",
                "-o",
                fitted.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true);
    // A long command line crashes ONNX Runtime.
    child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = child.start();
    try (BufferedReader lines = process.inputReader()) {
      assertThat(lines.readLine()).startsWith("step 10, ");
      process.toHandle().destroy();
      String last = lines.lines().reduce("", (before, line) -> line);
      assertThat(last).startsWith("sparsescope: the training was interrupted; --resume goes on");
      // SIGTERM has the number 15.
      assertThat(process.waitFor()).isEqualTo(128 + 15);
    } finally {
      process.destroyForcibly();
    }
    assertThat(fitted).doesNotExist();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().contains("hs_err"))).isEmpty();
    }
  }

  private Path npy(String name, String type, String shape, ByteBuffer values) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + header.length() + values.capacity())
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    return Files.write(folder.resolve(name), file.put(values.flip()).array());
  }

  @Test
  void trainsANetOfThePaperForTheDataAndSaysWhatEvaluateSays() throws IOException {
    Path net = folder.resolve("lenet.onnx");
    Path series = folder.resolve("series.json");
    String data = "idx:" + folder;
    assertThat(
            run(
                "train",
                "lenet",
                "--data",
                data,
                "--scale",
                "1/255",
                "-o",
                net,
                "--batch",
                16,
                "--epochs",
                2,
                "--lr",
                "0.02",
                "--series",
                series,
                "--threads",
                1))
        .isZero();
    // 96 records in batches of 16.
    assertThat(out).containsPattern("step 6, epoch 1\\.00: loss [0-9.]+, accuracy [0-9.]+ %");
    assertThat(out).containsPattern("lenet\\.onnx: 12 steps, accuracy [0-9.]+ %, [0-9.]+ s");
    JsonNode json = new ObjectMapper().readTree(series.toFile());
    assertThat(json.at("/net").asText()).isEqualTo("lenet");
    assertThat(json.at("/steps")).hasSize(12);
    double accuracy = json.at("/accuracy/1").asDouble();
    assertThat(run("evaluate", net, "--data", data, "--scale", "1/255", "--json")).isZero();
    assertThat(new ObjectMapper().readTree(out).at("/results/0/mean").asDouble())
        .isEqualTo(accuracy);
  }

  @Test
  void goesOnFromACheckpointAndTrainsModelFiles() throws IOException {
    Path model = linear();
    byte[] before = Files.readAllBytes(model);
    Path whole = folder.resolve("whole.onnx");
    Path parts = folder.resolve("parts.onnx");
    Path checkpoint = folder.resolve("state");
    List<Object> common =
        List.of(
            "train",
            model,
            "--data",
            "idx:" + folder,
            "--scale",
            "1/255",
            "--batch",
            16,
            "--lr",
            "step:0.2:0.5:2",
            "--threads",
            1,
            "--augment",
            "crop:1");
    assertThat(run(with(common, "-o", whole, "--epochs", 4))).isZero();
    assertThat(out).contains("accuracy 100.00 %");
    assertThat(run(with(common, "-o", parts, "--epochs", 2, "--checkpoint", checkpoint))).isZero();
    assertThat(run(with(common, "-o", parts, "--epochs", 4, "--checkpoint", checkpoint)))
        .isEqualTo(1);
    assertThat(err).contains("holds a training already; add --resume to go on with it");
    assertThat(
            run(with(common, "-o", parts, "--epochs", 4, "--checkpoint", checkpoint, "--resume")))
        .isZero();
    assertThat(out).contains("going on behind step 12");
    assertThat(parts).hasSameBinaryContentAs(whole);
    assertThat(model).hasBinaryContent(before);
  }

  /** CIFAR-100's format: a coarse label, a fine one, planes of red, green and blue. */
  private void writeColours(String set, int count) throws IOException {
    SplittableRandom random = new SplittableRandom(count);
    ByteBuffer records = ByteBuffer.allocate(count * (2 + 3 * 32 * 32));
    for (int i = 0; i < count; i++) {
      records.put((byte) 0).put((byte) (i * 37 % 100));
      for (int p = 0; p < 3 * 32 * 32; p++) {
        records.put((byte) random.nextInt(256));
      }
    }
    Files.write(folder.resolve(set + ".bin"), records.array());
  }

  /**
   * Gradients are those of weights and biases of 5 and 8 layers; of 15 and 53 convolutions with
   * scale and shift behind each, and the logits' two.
   */
  @ParameterizedTest
  @CsvSource({"cifarnet, 32, 10", "alexnet, 67, 16", "resnet14, 32, 47", "resnet50, 32, 161"})
  void trainsTheOtherNetsOfThePaperInTheSameWay(String net, int size, int gradients)
      throws IOException {
    writeColours("train", 8);
    writeColours("test", 6);
    Path trained = folder.resolve(net + ".onnx");
    Path series = folder.resolve("series.json");
    String data = "cifar100:" + folder;
    assertThat(
            run(
                "train",
                net,
                "--data",
                data,
                "--scale",
                "1/255",
                "--resize",
                size,
                "-o",
                trained,
                "--batch",
                4,
                "--steps",
                2,
                "--lr",
                "0.001",
                "--gradient-threshold",
                "**=1e-4",
                "--series",
                series))
        .as(err)
        .isZero();
    JsonNode json = new ObjectMapper().readTree(series.toFile());
    assertThat(json.at("/gradients")).hasSize(gradients);
    assertThat(
            run(
                "evaluate",
                trained,
                "--data",
                data,
                "--scale",
                "1/255",
                "--resize",
                size,
                "--json"))
        .isZero();
    assertThat(new ObjectMapper().readTree(out).at("/results/0/mean").asDouble())
        .isEqualTo(json.at("/accuracy/0").asDouble());
  }

  private static Object[] with(List<Object> common, Object... more) {
    return Stream.concat(common.stream(), Stream.of(more)).toArray();
  }

  @Test
  void onlyTrainsWhatPatternsSelect() throws IOException {
    Path model = linear();
    Path trained = folder.resolve("trained.onnx");
    assertThat(
            run(
                "train",
                model,
                "--data",
                "idx:" + folder,
                "--scale",
                "1/255",
                "-o",
                trained,
                "--steps",
                3,
                "--trainable",
                "tensor:b"))
        .isZero();
    assertThat(run("inspect", trained, "--weights", "--json")).isZero();
    // The weights are all zero still.
    assertThat(new ObjectMapper().readTree(out).at("/totalWeights/zeros").asInt())
        .isEqualTo(4 * SIZE * SIZE);
  }

  @Test
  void saysInOneLineWhatIsWrong() {
    Path model = linear();
    Path to = folder.resolve("out.onnx");
    String data = "idx:" + folder;
    Object[][] wrong = {
      {"train", "vgg", "--data", data, "-o", to},
      {"train", "lenet", "--data", "idx:nowhere", "-o", to},
      {"train", "lenet", "--data", "random", "-o", to},
      {"train", "lenet", "--data", data, "-o", to, "--classes", 3, "--steps", 1},
      {"train", "lenet", "--data", data, "-o", to, "--l1", -1},
      {"train", "lenet", "--data", data, "-o", to, "--lr", 0},
      {"train", "lenet", "--data", data, "-o", to, "--optimizer", "momentum:2"},
      {"train", "lenet", "--data", data, "-o", to, "--batch", 0},
      {"train", "lenet", "--data", data, "-o", to, "--augment", "turn"},
      {"train", "lenet", "--data", data, "-o", "nowhere/out.onnx"},
      {"train", model, "--data", data, "-o", to, "--lr", "1e38", "--steps", 9},
      {"train", model, "--data", data, "-o", to, "--trainable", "conv9"},
    };
    String[] words = {
      "no net is named 'vgg'; there are lenet, cifarnet",
      "nowhere: no such folder",
      "random data have no labelled records",
      "record 3 has label 3, but the model's output logits has 3 classes, 0 to 2",
      "l1 -1.0: give a finite number that is not negative",
      "learning rate 0.0: give a number above 0",
      "momentum 2.0: give a number of at least 0 and less than 1",
      "--batch 0: give a number of at least 1",
      "augmentation 'turn': write flip",
      "cannot write the trained model there",
      "the first value that is not finite comes from node",
      "conv9",
    };
    for (int i = 0; i < wrong.length; i++) {
      assertThat(run(wrong[i])).as(words[i]).isEqualTo(1);
      assertThat(err).contains(words[i]).doesNotContain("unexpected");
      assertThat(err.strip().lines()).hasSize(1);
      assertThat(to).doesNotExist();
    }
    assertThat(run("train", model, "--data", data, "-o", model)).isEqualTo(2);
    assertThat(err).contains("is the model itself");
    assertThat(run("train", "lenet", "--data", data, "-o", to, "--resume")).isEqualTo(2);
    assertThat(run("train", "lenet", "--data", data, "-o", to, "--loss", "hinge")).isEqualTo(2);
  }
}
