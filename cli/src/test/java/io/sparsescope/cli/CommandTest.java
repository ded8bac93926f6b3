package io.sparsescope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as a shell sees them: exit code, stdout, stderr, files. */
class CommandTest {
  @TempDir private Path folder;
  private Path model;
  private String out;
  private String err;

  @BeforeEach
  void writeModel() {
    // y = max(0, x W), with a zero and a small value among the weights.
    model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 2)
            .initializer("w", new float[] {1, 0, -0.01f, 2}, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("xw"), "fc/MatMul")
            .node("Relu", List.of("xw"), List.of("y"), "fc/Relu")
            .output("y", ElementType.FLOAT, -1, 2)
            .writeTo(folder.resolve("model.onnx"));
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

  private Path npy(float... values) throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 2), }";
    String text = String.format(header, values.length / 2);
    String padded = text + " ".repeat(117 - text.length()) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + padded.length() + 4 * values.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).putShort((short) 1);
    bytes.putShort((short) padded.length()).put(padded.getBytes(StandardCharsets.US_ASCII));
    for (float value : values) {
      bytes.putFloat(value);
    }
    return Files.write(folder.resolve("x.npy"), bytes.array());
  }

  @Test
  void rewriteHeedsNothingThatRuleFilesSayOfLiveModels() throws IOException {
    Path rules = folder.resolve("rules.yaml");
    Path plain = folder.resolve("plain.onnx");
    Path live = folder.resolve("live.onnx");
    String thresholds = "activations: [{match: 'op:Relu', threshold: 0.5}]\n";
    Files.writeString(rules, thresholds);
    assertThat(run("rewrite", model, "-o", plain, "--rules", rules)).isZero();
    Files.writeString(rules, thresholds + "live: {fraction: 0.5}\n");
    assertThat(run("rewrite", model, "-o", live, "--rules", rules)).isZero();
    assertThat(live).hasSameBinaryContentAs(plain);
    Files.writeString(rules, "live: true\n");
    assertThat(run("rewrite", model, "-o", live, "--rules", rules)).isEqualTo(2);
    assertThat(err).contains("say what to do");
  }

  /** Labels, one a record, as numpy.save writes bytes. */
  private Path labels(int... labels) throws IOException {
    String text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + labels.length + ",), }";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + text.length() + labels.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).putShort((short) 1);
    bytes.putShort((short) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    for (int label : labels) {
      bytes.put((byte) label);
    }
    return Files.write(folder.resolve("y.npy"), bytes.array());
  }

  @Test
  void evaluatePrintsAccuracyWithItsInterval() throws IOException {
    // y = max(0, x W) of these records: (1, 0), (0, 2), (0.99, 2), (0, 4).
    String data = "npy:" + npy(1, 0, 0, 1, 1, 1, 0, 2) + "," + labels(0, 1, 1, 0);
    assertThat(run("evaluate", model, "--data", data)).isZero();
    assertThat(out)
        .contains("model.onnx, output y, 4 records")
        // Wilson's interval of 3 of 4.
        .containsPattern("top-1 +75\\.00 % +3 +30\\.06 % to 95\\.44 %");
    assertThat(
            run(
                "evaluate",
                model,
                "--data",
                data,
                "--metric",
                "top-1",
                "--metric",
                "max-error",
                "--against",
                model,
                "--limit",
                3,
                "--json"))
        .isZero();
    JsonNode json = new ObjectMapper().readTree(out);
    assertThat(json.at("/format").asText()).isEqualTo("sparsescope-evaluation");
    assertThat(json.at("/records").asInt()).isEqualTo(3);
    assertThat(json.at("/results/0/mean").asDouble()).isEqualTo(1);
    assertThat(json.at("/results/0/dense").asDouble()).isEqualTo(1);
    assertThat(json.at("/results/0/interval95/1").asDouble()).isEqualTo(1);
    assertThat(json.at("/results/1/metric").asText()).isEqualTo("max-error");
    assertThat(json.at("/results/1/sum").asDouble()).isZero();
  }

  @Test
  void evaluateSaysWhatIsWrong() throws IOException {
    String data = "npy:" + npy(1, 0, 0, 1) + "," + labels(0, 7);
    assertThat(run("evaluate", model, "--data", data)).isEqualTo(1);
    assertThat(err).contains("x.npy: record 1: label 7 is none of the model's 2 classes");
    assertThat(run("evaluate", model, "--data", data, "--metric", "best")).isEqualTo(1);
    assertThat(err).contains("--metric best is unknown; write top-1");
    assertThat(run("evaluate", model, "--data", data, "--output", "z")).isEqualTo(1);
    assertThat(err).contains("has no output z; choose --output y");
    assertThat(run("evaluate", model, "--data", data, "--metric", "cosine")).isEqualTo(1);
    assertThat(err).contains("name the dense model with --against");
    assertThat(run("evaluate", model, "--data", data, "--threads", 0)).isEqualTo(1);
    assertThat(err).contains("--threads 0: give a number of at least 1");
  }

  @Test
  void inspectCountsZerosOfWeights() throws IOException {
    assertThat(run("inspect", model, "--weights", "--json")).isZero();
    JsonNode json = new ObjectMapper().readTree(out);
    assertThat(json.at("/weights/0/tensor").asText()).isEqualTo("w");
    assertThat(json.at("/totalWeights/elements").asInt()).isEqualTo(4);
    assertThat(json.at("/totalWeights/zeros").asInt()).isEqualTo(1);
    assertThat(json.at("/model/layers/0/activation").asText()).isEqualTo("y");
  }

  @Test
  void inspectSumsBlocksAndCountsBiasesIfAsked() throws IOException {
    Path net = folder.resolve("net.onnx");
    ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 2)
        .initializer("w", new float[] {1, 0, -0.01f, 2}, 2, 2)
        .initializer("v", new float[] {0, 0}, 2, 1)
        .initializer("b", new float[] {0, 3}, 2)
        .node("Gemm", List.of("x", "w", "b"), List.of("h"), "block/one")
        .node("MatMul", List.of("h", "w"), List.of("i"), "block/two")
        .node("MatMul", List.of("i", "v"), List.of("y"), "out/last")
        .output("y", ElementType.FLOAT, -1, 1)
        .writeTo(net);
    assertThat(run("inspect", net, "--weights", "--json")).isZero();
    JsonNode json = new ObjectMapper().readTree(out);
    // Two layers of the block have one tensor.
    assertThat(json.at("/weights")).hasSize(3);
    assertThat(json.at("/blocks/0/block").asText()).isEqualTo("block");
    assertThat(json.at("/blocks/0/elements").asInt()).isEqualTo(4);
    assertThat(json.at("/totalWeights/elements").asInt()).isEqualTo(6);
    assertThat(json.at("/totalWeights/zeros").asInt()).isEqualTo(3);
    assertThat(json.has("biases")).isFalse();

    Path rules = folder.resolve("rules.yaml");
    Files.writeString(
        rules,
        "weights: [{match: 'block/*', threshold: 1.5}]\nblocks: {first: block/one, rest: '**'}\n");
    assertThat(run("inspect", net, "--weights", "--rules", rules, "--biases", "--json")).isZero();
    json = new ObjectMapper().readTree(out);
    assertThat(json.at("/blocks/0/zeros").asInt()).isEqualTo(3);
    assertThat(json.at("/blocks/1/elements").asInt()).isEqualTo(6);
    assertThat(json.at("/totalWeights/sparsity").asDouble()).isEqualTo(5 / 6.0);
    assertThat(json.at("/totalBiases/zeros").asInt()).isEqualTo(1);

    assertThat(run("inspect", net, "--weights", "--biases")).isZero();
    assertThat(out).contains("together: 4 of 8 elements are non-zero");
    assertThat(run("inspect", net, "--biases")).isEqualTo(2);
  }

  @Test
  void biasesAreRewrittenAndProfiledIfAsked() throws IOException {
    Path net = folder.resolve("net.onnx");
    ModelBuilder.model(13)
        .input("x", ElementType.FLOAT, -1, 2)
        .initializer("w", new float[] {1, 0, 3, 2}, 2, 2)
        .initializer("b", new float[] {0, 0.01f}, 2)
        .node("Gemm", List.of("x", "w", "b"), List.of("y"), "fc")
        .output("y", ElementType.FLOAT, -1, 2)
        .writeTo(net);
    Path profile = folder.resolve("p.json");
    for (boolean biases : new boolean[] {false, true}) {
      Object[] command = {
        "profile", net, "--data", "npy:" + npy(1, 0), "--weight-threshold", "**=0.1", "-o", profile
      };
      Stream<Object> more = biases ? Stream.of("--biases") : Stream.empty();
      assertThat(run(Stream.concat(Stream.of(command), more).toArray())).isZero();
      JsonNode total = new ObjectMapper().readTree(Files.readString(profile)).at("/models/0/total");
      assertThat(total.get("weightElements").asInt()).isEqualTo(biases ? 6 : 4);
      assertThat(total.get("weightZeros").asInt()).isEqualTo(biases ? 3 : 1);
    }
    assertThat(run("rewrite", net, "--dry-run", "--weight-threshold", "**=0.1", "--biases"))
        .isZero();
    assertThat(out).contains("2 thresholds");
    assertThat(run("rewrite", net, "--dry-run", "--tap", "**", "--biases")).isEqualTo(2);
  }

  @Test
  void inspectPrintsInputsOperatorsAndLayers() {
    assertThat(run("inspect", model, "--weights")).isZero();
    assertThat(out)
        .contains("float32[?,2]")
        .contains("{MatMul=1, Relu=1}")
        .contains("weights: 3 of 4 elements are non-zero, sparsity 25.00 %");
  }

  @Test
  void rewriteInsertsThresholdsAndTaps() {
    Path rewritten = folder.resolve("out.onnx");
    assertThat(run("rewrite", model, "-o", rewritten, "--threshold", "op:Relu=0.5", "--tap", "**"))
        .isZero();
    assertThat(out).contains("1 thresholds, 2 taps, 0 skipped; wrote");
    assertThat(run("inspect", rewritten)).isZero();
    assertThat(out).contains("sparsescope/counts  int64[2,3]");
  }

  @Test
  void rewriteTellsWhatItTransforms() throws IOException {
    Object[] options = {
      "--transform",
      "op:Relu=nearest, 8,2",
      "--weight-transform",
      "**=nm,1,2",
      "--intrinsic",
      "layer:*=sparse,0.5",
      "--compare",
      "le",
      "--bake",
      "--dry-run"
    };
    assertThat(run(Stream.concat(Stream.of("rewrite", model), Stream.of(options)).toArray()))
        .isZero();
    assertThat(out)
        .contains("nearest,8,2")
        .contains("nm,1,2 baked")
        .contains("<= 0.5")
        .contains("1 thresholds, 2 transforms, 0 taps, 0 skipped; nothing written");
    Object[] json = Stream.concat(Stream.of(options), Stream.of("--json")).toArray();
    assertThat(run(Stream.concat(Stream.of("rewrite", model), Stream.of(json)).toArray())).isZero();
    JsonNode root = new ObjectMapper().readTree(out);
    assertThat(root.at("/transforms/0").toString())
        .isEqualTo(
            "{'node':'fc/MatMul','tensor':'w','kind':'weight','transform':'nm,1,2','baked':true}"
                .replace('\'', '"'));
    assertThat(root.at("/transforms/1/kind").asText()).isEqualTo("activation");
    assertThat(root.at("/thresholds/0/kind").asText()).isEqualTo("intrinsic");
    assertThat(run("rewrite", model, "--dry-run", "--transform", "op:Relu=nearest,8")).isEqualTo(1);
    assertThat(err)
        .contains("transform \"nearest,8\": has 1 argument: write nearest,s,p")
        .hasLineCount(1);
    assertThat(run("rewrite", model, "--dry-run", "--transform", "nearest,8,2")).isEqualTo(2);
    assertThat(err).contains("give PATTERN=SPEC, for example conv1=nearest,16,8");
  }

  @Test
  void profileTellsTheTransformsInForce() throws IOException {
    Path profile = folder.resolve("p.json");
    assertThat(
            run(
                "profile",
                model,
                "--data",
                "npy:" + npy(1, 2),
                "--transform",
                "op:Relu=binary,1",
                "--weight-transform",
                "**=nm,1,2",
                "-o",
                profile))
        .isZero();
    assertThat(out).contains("transform on").contains("binary,1.0");
    JsonNode root = new ObjectMapper().readTree(profile.toFile()).at("/models/0");
    assertThat(root.at("/transforms").toString())
        .isEqualTo(
            ("[{'tensor':'w','kind':'weight','transform':'nm,1,2'},"
                    + "{'tensor':'y','kind':'activation','transform':'binary,1.0'}]")
                .replace('\'', '"'));
    // Columns (1, -0.01) and (0, 2): one of each two is kept.
    assertThat(root.at("/total/weightZeros").asInt()).isEqualTo(2);
    assertThat(root.at("/taps/0/zeros").asInt()).isZero();
  }

  @Test
  void bakeWritesZerosIntoTheWeights() throws IOException {
    Path baked = folder.resolve("baked.onnx");
    assertThat(run("rewrite", model, "-o", baked, "--weight-threshold", "**=0.1", "--bake"))
        .isZero();
    assertThat(run("inspect", baked, "--weights", "--json")).isZero();
    assertThat(new ObjectMapper().readTree(out).at("/totalWeights/zeros").asInt()).isEqualTo(2);
  }

  @Test
  void dryRunWritesNothing() throws IOException {
    assertThat(run("rewrite", model, "--dry-run", "--tap", "layer:*")).isZero();
    assertThat(out).contains("1 taps").contains("nothing written");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(model);
    }
  }

  @Test
  void rewriteDescribesItselfAsJson() throws IOException {
    assertThat(run("rewrite", model, "--dry-run", "--tap", "op:Relu", "--json")).isZero();
    JsonNode json = new ObjectMapper().readTree(out);
    assertThat(json.at("/taps/0/tensor").asText()).isEqualTo("y");
    assertThat(json.at("/taps/0/row").asInt()).isZero();
  }

  @Test
  void profileCountsOverDataAndMergeAddsUp() throws IOException {
    // x W: (1, 0), (-1, 0), (0.99, 2): after Relu 3 zeros of 6.
    Path data = npy(1, 0, -1, 0, 1, 1);
    Path profile = folder.resolve("p.json");
    assertThat(run("profile", model, "--data", "npy:" + data, "--batch", 2, "-o", profile))
        .isZero();
    JsonNode tap = new ObjectMapper().readTree(Files.readString(profile)).at("/models/0/taps/0");
    assertThat(tap.get("elements").asInt()).isEqualTo(6);
    assertThat(tap.get("zeros").asInt()).isEqualTo(3);

    Path sum = folder.resolve("sum.json");
    assertThat(run("merge", profile, profile, "-o", sum)).isZero();
    assertThat(out).contains("merged 2 profiles of 1 models", "model.onnx: 2 sessions");
    tap = new ObjectMapper().readTree(Files.readString(sum)).at("/models/0/taps/0");
    assertThat(tap.get("elements").asInt()).isEqualTo(12);
    assertThat(tap.get("zeros").asInt()).isEqualTo(6);

    // 6 of 12 in the one, 3 of 6 in the other.
    assertThat(run("drift", profile, sum, "--json")).isZero();
    JsonNode drift = new ObjectMapper().readTree(out);
    assertThat(drift.at("/models/0/taps/0/reference").asDouble()).isEqualTo(0.5);
    assertThat(drift.at("/models/0/taps/0/live").asDouble()).isEqualTo(0.5);
    assertThat(drift.at("/maxDistance").asDouble()).isZero();
    assertThat(run("drift", profile, sum)).isZero();
    assertThat(out).contains("0.5000", "mean distance 0.0000, largest 0.0000");
  }

  @Test
  void profileFindsDeadChannelsAndDriftNewlyDeadOnes() throws IOException {
    // x W: (1, 0), (-1, 0), (0.99, 2): the second channel lives by the last record.
    Path all = folder.resolve("all.json");
    assertThat(
            run(
                "profile",
                model,
                "--data",
                "npy:" + npy(1, 0, -1, 0, 1, 1),
                "--dead-channels",
                "-o",
                all))
        .isZero();
    Path two = folder.resolve("two.json");
    assertThat(
            run(
                "profile",
                model,
                "--data",
                "npy:" + npy(1, 0, -1, 0),
                "--dead-channels",
                "-o",
                two))
        .isZero();
    assertThat(tap(all).get("channels").asInt()).isEqualTo(2);
    assertThat(tap(all).get("deadChannels")).isEmpty();
    assertThat(tap(two).get("deadChannels").toString()).isEqualTo("[1]");

    assertThat(run("drift", all, two)).isZero();
    assertThat(out.lines().filter(line -> line.contains("newly dead"))).hasSize(1);
    assertThat(out).containsPattern("(?m) y .* 1 +1 +0$");
    assertThat(run("drift", two, all)).isZero();
    assertThat(out).containsPattern("(?m) y .* 0 +0 +1$");
    assertThat(run("profile", model, "--data", "npy:" + npy(1, 0), "-o", two)).isZero();
    assertThat(tap(two).has("channels")).isFalse();
    assertThat(run("drift", all, two)).isZero();
    assertThat(out).doesNotContain("dead");
  }

  @Test
  void reportMakesAPage() throws IOException {
    Path profile = folder.resolve("profile.json");
    assertThat(run("profile", model, "--data", "npy:" + npy(1, 1, 1, -1), "-o", profile)).isZero();
    Path page = folder.resolve("report.html");

    assertThat(run("report", profile, "--model", model, "-o", page)).isZero();
    assertThat(out).isEqualTo("wrote " + page + "\n");
    String html = Files.readString(page);
    assertThat(html).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
    // x W of (1, 1) and (1, -1) is (0.99, 2) and (1.01, -2).
    assertThat(html.contains("25.0 % of all activation elements are zero")).isTrue();

    Path newer = Files.writeString(folder.resolve("newer"), json("sparsescope-profile", 9));
    Path other = Files.writeString(folder.resolve("other"), json("something", 1));
    Path series = Files.writeString(folder.resolve("series"), json("sparsescope-training", 1));
    Path cut =
        Files.writeString(folder.resolve("cut"), Files.readString(profile).substring(0, 400));
    Files.delete(page);
    assertThat(run("report", newer, other, series, cut, profile, "-o", page)).isEqualTo(1);
    assertThat(err.lines())
        .hasSize(4)
        .anySatisfy(l -> assertThat(l).contains("newer: a profile of version 9"))
        .anySatisfy(l -> assertThat(l).contains("other: neither profile nor search result"))
        .anySatisfy(l -> assertThat(l).contains("series: a damaged training series"))
        .anySatisfy(l -> assertThat(l).contains("cut: no JSON, or cut off at line"));
    assertThat(page).doesNotExist();
    assertThat(run("report", profile, "--format", "html")).isEqualTo(2);
    assertThat(run("report", profile, "--table", "both", "-o", page)).isEqualTo(2);
    assertThat(run("report", profile, "--model", model)).isEqualTo(2);
  }

  @Test
  void reportDrawsPictures() throws IOException {
    Path profile = folder.resolve("profile.json");
    assertThat(run("profile", model, "--data", "npy:" + npy(1, 1, 1, -1), "-o", profile)).isZero();
    Path pictures = folder.resolve("pictures");
    Path page = folder.resolve("report.html");

    assertThat(run("report", profile, "-o", page, "--svg", pictures)).isZero();
    Path svg = pictures.resolve("sparsity-per-layer.svg");
    assertThat(out).isEqualTo("wrote " + page + "\nwrote " + svg + "\n");
    assertThat(svg).content().startsWith("<svg ").contains("profile: sparsity by layer");

    assertThat(run("report", profile, "--svg", profile)).isEqualTo(1);
    assertThat(err.lines()).hasSize(1).first().asString().contains("a file is there");
    assertThat(run("report", profile, "--png", pictures, "--points", "5")).isEqualTo(2);
  }

  private static String json(String format, int version) {
    return "{\"format\":\"%s\",\"version\":%d}".formatted(format, version);
  }

  @Test
  void reportPrintsTablesOfProfiles() throws IOException {
    // After Relu 3 zeros of 6; of the weights 1 of 4, behind the threshold 2.
    Path dense = folder.resolve("dense.json");
    Path sparse = folder.resolve("sparse.json");
    String data = "npy:" + npy(1, 0, -1, 0, 1, 1);
    assertThat(run("profile", model, "--data", data, "-o", dense)).isZero();
    assertThat(run("profile", model, "--data", data, "--weight-threshold", "**=0.1", "-o", sparse))
        .isZero();
    String before = "before=" + dense;
    String after = "after=" + sparse;
    assertThat(run("report", before, after)).isZero();
    assertThat(out).contains("model.onnx: sparsity of weights and activations by layer.");
    assertThat(out).containsPattern("(?m)^fc +0\\.250 +0\\.500 +0\\.500 +0\\.500$");
    assertThat(out).containsPattern("(?m)^model.onnx +0\\.250 +0\\.500$");
    assertThat(run("report", before, after, "--format", "csv")).isZero();
    assertThat(out)
        .isEqualTo(
            "net,layer,weights before,weights after,activations before,activations after\n"
                + "model.onnx,fc,0.25,0.5,0.5,0.5\n");
    Path tex = folder.resolve("out.tex");
    assertThat(run("report", before, after, "--table", "totals", "-o", tex)).isZero();
    assertThat(tex).content().contains("model.onnx & 0.250 & 0.500");

    assertThat(run("report", dense, sparse)).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
    Path cut = Files.writeString(folder.resolve("cut.json"), Files.readString(dense).substring(9));
    assertThat(run("report", dense, cut, folder.resolve("absent"))).isEqualTo(1);
    assertThat(err.lines()).hasSize(2);
    assertThat(run("report", dense, "--format", "pdf")).isEqualTo(2);
    assertThat(run("report", dense, "--by", "net")).isEqualTo(2);
    assertThat(run("report", dense, "--table", "all")).isEqualTo(2);
    assertThat(run("report", dense, "--table", "both", "--format", "csv")).isEqualTo(2);
    assertThat(run("report")).isEqualTo(2);
  }

  private static JsonNode tap(Path profile) throws IOException {
    return new ObjectMapper().readTree(Files.readString(profile)).at("/models/0/taps/0");
  }

  @Test
  void wrongUsageIsExitCode2() {
    assertThat(run()).isEqualTo(2);
    assertThat(run("frobnicate")).isEqualTo(2);
    assertThat(run("rewrite", model, "--tap", "**")).isEqualTo(2);
    assertThat(err).contains("name the output");
    assertThat(run("rewrite", model, "--dry-run")).isEqualTo(2);
    assertThat(run("rewrite", model, "--dry-run", "--threshold", "op:Relu=-1")).isEqualTo(2);
    assertThat(err).contains("not negative");
    assertThat(run("rewrite", model, "--dry-run", "--threshold", "op:Relu=NaN")).isEqualTo(2);
    assertThat(run("rewrite", model, "--dry-run", "--threshold", "op:Relu")).isEqualTo(2);
    assertThat(run("rewrite", model, "--dry-run", "--tap", "**", "--compare", "gt")).isEqualTo(2);
  }

  @Test
  void failureIsExitCode1AndOneLine() throws IOException {
    Path nonsense = Files.writeString(folder.resolve("nonsense.onnx"), "this is no model at all");
    assertThat(run("inspect", nonsense)).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
    assertThat(err).startsWith("sparsescope: ").contains("nonsense.onnx");

    assertThat(run("inspect", folder.resolve("absent.onnx"))).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
  }

  @Test
  void patternThatSelectsNothingNamesWhatComesNear() {
    Path rewritten = folder.resolve("out.onnx");
    assertThat(run("rewrite", model, "-o", rewritten, "--tap", "fc/Relo")).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
    assertThat(err).contains("fc/Relu");
    assertThat(rewritten).doesNotExist();
  }

  @Test
  void unwritableOutputLeavesNothingBehind() throws IOException {
    Path rewritten = folder.resolve("no/such/folder/out.onnx");
    byte[] before = Files.readAllBytes(model);
    assertThat(run("rewrite", model, "-o", rewritten, "--tap", "**")).isEqualTo(1);
    assertThat(err.lines()).hasSize(1);
    assertThat(run("rewrite", model, "-o", model, "--tap", "**")).isEqualTo(1);
    assertThat(Files.readAllBytes(model)).isEqualTo(before);
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(run("--help")).isZero();
    assertThat(out)
        .contains(
            "inspect", "rewrite", "profile", "report", "merge", "drift", "demo", "test", "bench");
  }

  @Test
  void searchFindsThresholdsAndWritesThemAsRules() throws IOException {
    // Whether y0 is above y1 never hangs on the small weight, and both ones are needed.
    Path data = npy(1, 0, 0, 1, 3, 1, 1, 2);
    Path rules = folder.resolve("found.yaml");
    Path json = folder.resolve("found.json");
    assertThat(
            run(
                "search",
                model,
                "--data",
                "npy:" + data,
                "--grid",
                "linear:0.005:0.5:2",
                "--on",
                "weights",
                "-o",
                rules,
                "--json",
                json))
        .as(err)
        .isZero();

    // Of 1, 0, -0.01 and 2 one more is zero.
    assertThat(out).contains("0.500000").contains("25.0 %").contains("50.0 %");
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertThat(result.get("metric").asText()).isEqualTo("agreement");
    assertThat(result.get("layers").get(0).get("threshold").asDouble()).isEqualTo(0.5);
    assertThat(result.get("accuracy").asDouble()).isEqualTo(1);
    assertThat(folder.resolve("found.yaml.state.json")).doesNotExist();

    Path sparse = folder.resolve("sparse.onnx");
    assertThat(run("rewrite", model, "-o", sparse, "--rules", rules)).as(err).isZero();
    assertThat(run("inspect", sparse, "--weights")).isZero();
    assertThat(out).contains("50.0");
  }

  @Test
  void searchSaysInOneLineWhatIsWrong() throws IOException {
    Path data = npy(1, 0, 0, 1);
    Path rules = folder.resolve("found.yaml");
    String[] search = {"search", model.toString(), "--data", "npy:" + data, "-o", rules.toString()};
    expectFailure(search, 1, "--grid cubic", "--grid", "cubic");
    expectFailure(search, 1, "no labels", "--metric", "top-1");
    expectFailure(search, 1, "--tolerance", "--tolerance", "2");
    expectFailure(search, 1, "no layer matches", "--filter", "nobody");
    expectFailure(search, 2, "--compare", "--compare", "gt");
    expectFailure(search, 2, "no size", "--memory", "lots");
    Path taps = Files.writeString(folder.resolve("taps.yaml"), "taps: [{match: '**'}]");
    expectFailure(search, 1, "only blocks", "--rules", taps.toString());
    Files.writeString(
        folder.resolve("found.yaml.state.json"),
        "{\"format\":\"sparsescope-search-state\",\"version\":1,\"key\":\"x\",\"units\":[]}");
    expectFailure(search, 1, "--resume", "--seed", "1");
    expectFailure(search, 1, "other options", "--resume");
    assertThat(rules).doesNotExist();
  }

  private void expectFailure(String[] command, int exit, String message, String... options) {
    assertThat(run(Stream.concat(Stream.of(command), Stream.of(options)).toArray()))
        .as(message)
        .isEqualTo(exit);
    assertThat(err).contains(message);
    if (exit == 1) {
      assertThat(err.strip()).doesNotContain("\n");
    }
  }
}
