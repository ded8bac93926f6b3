package io.sparsescope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code train} does to gradients, as a shell sees it. */
class GradientOptionsTest {
  private static final int RECORDS = 40;
  private static final int IN = 6;

  @TempDir private Path folder;
  private Path model;
  private String data;
  private String out;
  private String err;

  @BeforeEach
  void makeANetAndRecords() throws IOException {
    Random random = new Random(4);
    float[] w = new float[2 * IN];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) random.nextGaussian();
    }
    model = folder.resolve("net.onnx");
    ModelBuilder.model(18)
        .input("x", ElementType.FLOAT, -1, IN)
        .initializer("fc/weights", w, IN, 2)
        .initializer("fc/biases", new float[2], 2)
        .node("Gemm", List.of("x", "fc/weights", "fc/biases"), List.of("y"), "fc/Gemm")
        .output("y", ElementType.FLOAT, -1, 2)
        .writeTo(model);
    ByteBuffer values = ByteBuffer.allocate(4 * RECORDS * IN).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer labels = ByteBuffer.allocate(8 * RECORDS).order(ByteOrder.LITTLE_ENDIAN);
    for (int r = 0; r < RECORDS; r++) {
      labels.putLong(r % 2);
      for (int i = 0; i < IN; i++) {
        values.putFloat((float) random.nextGaussian() + (i == r % 2 ? 2 : 0));
      }
    }
    Path x = npy("x.npy", "<f4", RECORDS + ", " + IN, values.flip());
    Path y = npy("y.npy", "<i8", RECORDS + ",", labels.flip());
    data = "npy:" + x + "," + y;
  }

  private Path npy(String name, String type, String shape, ByteBuffer values) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    header = header + " ".repeat(117 - header.length()) + "\n";
    ByteBuffer all = ByteBuffer.allocate(128 + values.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    all.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
    all.put(header.getBytes(StandardCharsets.US_ASCII)).put(values);
    return Files.write(folder.resolve(name), all.array());
  }

  @Test
  void reportPrintsSweepsAndSeries() throws IOException {
    Path sweep = folder.resolve("sweep");
    assertThat(train("--sweep", "gradient-threshold=0,1e6", "-o", sweep)).as("%s", err).isZero();
    String series = sweep.resolve("gradient-threshold-1000000.0.json").toString();
    assertThat(execute("report", sweep.resolve("sweep.json").toString(), series)).isZero();
    assertThat(out)
        .contains("Accuracy relative to training without threshold")
        .contains("gradient sparsity by layer over the steps of training")
        .doesNotContain("Total sparsity of weights");
    assertThat(execute("report", "--format", "csv", "--points", "2", series)).isZero();
    assertThat(out).isEqualTo("net,step,fc,total\nnet.onnx,4,1.0,1.0\nnet.onnx,8,1.0,1.0\n");
    assertThat(execute("report", "--format", "csv", sweep.resolve("sweep.json").toString(), series))
        .isEqualTo(2);
    assertThat(err).contains("CSV has one kind of table");
  }

  private int train(Object... options) {
    List<String> all = new ArrayList<>();
    for (Object o : List.of("train", model, "--data", data, "--test", data)) {
      all.add(o.toString());
    }
    for (Object o : List.of("--batch", 10, "--steps", 8, "--lr", 0.1, "--threads", 1)) {
      all.add(o.toString());
    }
    for (Object o : options) {
      all.add(o.toString());
    }
    return execute(all.toArray(String[]::new));
  }

  private int execute(String... arguments) {
    StringWriter stdout = new StringWriter();
    StringWriter stderr = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(stdout, true));
    line.setErr(new PrintWriter(stderr, true));
    int code = line.execute(arguments);
    out = stdout.toString();
    err = stderr.toString();
    return code;
  }

  @Test
  void theFirstThresholdThatMatchesIsUsedAndCounted() {
    Path series = folder.resolve("s.json");
    assertThat(
            train(
                "--gradient-threshold",
                "fc/biases=0",
                "--gradient-threshold",
                "1e6",
                "--series",
                series,
                "-o",
                folder.resolve("t.onnx")))
        .as("%s", err)
        .isZero();
    TrainingSeries read = TrainingSeries.read(series);
    assertThat(read.steps().size()).isEqualTo(8);
    assertThat(read.gradients().get(0).zeros().get(7)).isEqualTo(12);
    assertThat(read.gradients().get(0).zerosBefore().get(7)).isZero();
    assertThat(read.gradients().get(1).zeros().get(7)).isZero();
    assertThat(read.options()).containsEntry("gradient rules", "fc/biases < 0.0; ** < 1000000.0");
  }

  @Test
  void rulesOfAFileGoBehindThoseOfTheCommandLine() throws IOException {
    Path rules =
        Files.writeString(
            folder.resolve("r.yaml"),
            """
            gradients:
              - {match: "**", threshold: 1.0e+6, compare: le}
            blocks:
              all: "fc"
            """);
    Path series = folder.resolve("s.json");
    int code =
        train(
            "--rules",
            rules,
            "--gradient-transform",
            "fc/weights=topk,3",
            "--count-every",
            2,
            "--series",
            series,
            "-o",
            folder.resolve("t.onnx"));
    assertThat(code).as("%s", err).isZero();
    TrainingSeries read = TrainingSeries.read(series);
    assertThat(read.steps().toArray()).containsExactly(2, 4, 6, 8);
    assertThat(read.gradients().get(0).zeros().get(0)).isEqualTo(9);
    assertThat(read.gradients().get(1).zeros().get(0)).isEqualTo(2);
    assertThat(read.blockSparsity()).containsOnlyKeys("all");
    assertThat(read.options())
        .containsEntry("gradient rules", "fc/weights=topk,3; ** <= 1000000.0");
  }

  @Test
  void aSweepPrintsFigureTwoAndIsGoneOnWith() throws IOException {
    Path sweep = folder.resolve("sweep");
    Object[] options = {"--sweep", "gradient-threshold=0,0.05,1e6", "--residual", "-o", sweep};
    assertThat(train(options)).as("%s", err).isZero();
    SweepResult result = SweepResult.read(sweep.resolve("sweep.json"));
    assertThat(result.runs()).extracting(SweepRun::value).containsExactly(0.0, 0.05, 1e6);
    assertThat(out).contains("threshold 0.05: step 4, accuracy ");
    assertThat(out.lines().filter(l -> l.startsWith("threshold ")).reduce((a, b) -> b))
        .hasValueSatisfying(
            l -> assertThat(l).matches("threshold +accuracy +relative +gradient.*"));
    assertThat(out.lines().reduce((a, b) -> b))
        .hasValueSatisfying(l -> assertThat(l).contains("1000000.0").contains("100.00 %"));
    byte[] before = Files.readAllBytes(sweep.resolve("sweep.json"));
    assertThat(train(options)).isZero();
    assertThat(out).contains("threshold 0.05: finished before");
    assertThat(sweep.resolve("sweep.json")).hasBinaryContent(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | --gradient-threshold -1 | '-1': a threshold is finite and not negative",
        "2 | --gradient-threshold fc=x | 'fc=x': 'x' is not a number; give T or PATTERN=T",
        "2 | --gradient-transform half | give PATTERN=SPEC, for example **=topk,0.01",
        "2 | --gradient-threshold 1 --compare eq | --compare is 'eq': give lt or le",
        "2 | --parallel 2 | --parallel goes with --sweep",
        "2 | --sweep gradient-threshold=0,1 --series s.json | leave out --checkpoint and --series",
        "1 | --sweep lr=0,1 | gradient-threshold can be swept",
        "1 | --gradient-transform fc=near,1 | transform \"near\" is not known: use one of",
        "1 | --gradient-threshold conv=1 | pattern \"conv\" in gradients selects nothing in model",
        "1 | --residual | --residual has nothing to add up: give --gradient-threshold",
      })
  void whatMakesNoSenseIsToldInALine(int code, String options, String message) {
    Object[] all = (options + " -o " + folder.resolve("t")).split(" ");
    assertThat(train(all)).isEqualTo(code);
    assertThat(err).contains(message);
    assertThat(folder.resolve("t")).doesNotExist();
  }
}
