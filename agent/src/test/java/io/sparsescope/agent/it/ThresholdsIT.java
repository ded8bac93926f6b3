package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.AppliedThreshold;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.OutputDifference;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thresholds on a live model, against two plain sessions: of the model as it was, and of the model
 * that {@code sparsescope rewrite} makes of it with the same rules.
 */
class ThresholdsIT {
  private static final int RUNS = 60;
  private static final String RULES =
      """
      weights:
        - {match: "fc1", threshold: 0.3, bake: true}
        - {match: "fc2", threshold: 0.2}
      activations:
        - {match: "relu1", threshold: 0.5, compare: le}
      taps:
        - {match: "op:Relu"}
      """;

  @TempDir Path folder;
  private Path model;
  private Path rules;

  /** Of each run, what the model answers as it was, and with the thresholds. */
  private final List<String> untouched = new ArrayList<>();

  private final List<String> thresholded = new ArrayList<>();

  @BeforeEach
  void runOffline() throws Exception {
    model = Files.write(folder.resolve("tiny.onnx"), TestModels.tiny());
    rules = Files.writeString(folder.resolve("rules.yaml"), RULES);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    byte[] rewritten;
    try (ModelFile file = ModelFile.open(model)) {
      rewritten = new Rewriter(Rules.read(rules), false, true).plan(file).edit().toBytes();
    }
    try (OrtSession plain = environment.createSession(model.toString());
        OrtSession sparse = environment.createSession(rewritten)) {
      for (int run = 0; run < RUNS; run++) {
        untouched.add(ThresholdsProgram.answer(environment, plain, run));
        thresholded.add(withoutOurs(ThresholdsProgram.answer(environment, sparse, run)));
      }
    }
    assertThat(IntStream.range(0, RUNS))
        .as("thresholds that change every answer")
        .noneMatch(run -> untouched.get(run).equals(thresholded.get(run)));
  }

  private static String withoutOurs(String answer) {
    return String.join(
        " ",
        Arrays.stream(answer.split(" ")).filter(part -> !part.startsWith("sparsescope/")).toList());
  }

  @Test
  void answersHalfOfTheRunsWithTheThresholdsAndComparesBoth() throws Exception {
    compareWithOffline("live: {fraction: 0.5, compare: 1}", "", RUNS / 2);
  }

  @Test
  void doesSoInShadowModeToo() throws Exception {
    compareWithOffline("live: {fraction: 0.5, compare: 1}", ",mode=shadow", RUNS / 2);
  }

  @Test
  void comparesWithoutAnsweringDifferently() throws Exception {
    compareWithOffline("live: {fraction: 0, compare: 1}", "", 0);
  }

  @Test
  void appliesNoThresholdUnlessTold() throws Exception {
    for (String live : List.of("", "live: false")) {
      Child child = run(live, "", 0);
      assertThat(child.out().lines()).isEqualTo(untouched);
      assertThat(child.agentLines()).isEmpty();
      ModelProfile only = profile().models().get(0);
      assertThat(profile().models()).hasSize(1);
      assertThat(only.arm()).isEmpty();
      assertThat(only.thresholds()).isEmpty();
      assertThat(only.difference()).isNull();
      assertThat(only.runs()).isEqualTo(RUNS);
    }
  }

  private void compareWithOffline(String live, String options, int ofThresholded) throws Exception {
    Child child = run(live, options, RUNS);

    List<String> answers = child.out().lines().toList();
    assertThat(answers).hasSize(RUNS);
    List<Integer> treated =
        IntStream.range(0, RUNS)
            .filter(run -> !answers.get(run).equals(untouched.get(run)))
            .boxed()
            .toList();
    assertThat(treated).hasSize(ofThresholded);
    assertThat(treated)
        .allSatisfy(run -> assertThat(answers.get(run)).isEqualTo(thresholded.get(run)));
    if (ofThresholded == 0) {
      assertThat(child.agentLines()).isEmpty();
    } else {
      assertThat(child.agentLines())
          .singleElement()
          .asString()
          .contains("50 % of the runs are answered with the thresholds of", "rules.yaml")
          .contains("these answers differ by intent");
    }

    Profile profile = profile();
    assertThat(profile.agent().failureMessages()).isEmpty();
    assertThat(profile.models())
        .extracting(ModelProfile::name, ModelProfile::arm, ModelProfile::runs)
        .containsExactly(
            tuple("tiny.onnx", "untouched", (long) RUNS - ofThresholded),
            tuple("tiny.onnx", "thresholded", (long) ofThresholded));
    for (ModelProfile arm : profile.models()) {
      boolean isTreated = arm.arm().equals("thresholded");
      List<Integer> runs =
          IntStream.range(0, RUNS)
              .filter(run -> treated.contains(run) == isTreated)
              .boxed()
              .toList();
      assertZeros(arm, runs, isTreated ? thresholded : untouched);
    }
    ModelProfile untouchedArm = profile.models().get(0);
    assertThat(untouchedArm.thresholds()).isEmpty();
    assertThat(untouchedArm.difference()).isNull();
    ModelProfile thresholdedArm = profile.models().get(1);
    assertThat(thresholdedArm.thresholds())
        .containsExactlyInAnyOrder(
            new AppliedThreshold("w1", TapKind.WEIGHT, 0.3, "lt"),
            new AppliedThreshold("w2", TapKind.WEIGHT, 0.2, "lt"),
            new AppliedThreshold("r1", TapKind.ACTIVATION, 0.5, "le"));
    assertDifference(thresholdedArm.difference());
  }

  /** The tap on the output y, counted in what the program got. */
  private static void assertZeros(ModelProfile arm, List<Integer> runs, List<String> answers) {
    assertThat(arm.sampledRuns()).isEqualTo(runs.size());
    long elements = 0;
    long zeros = 0;
    for (int run : runs) {
      for (float value : floats(answers.get(run), "y")) {
        elements++;
        zeros += value == 0 ? 1 : 0;
      }
    }
    var y = arm.taps().stream().filter(tap -> tap.tensor().equals("y")).findFirst().orElseThrow();
    assertThat(y.runs()).isEqualTo(runs.size());
    assertThat(y.elements()).isEqualTo(elements);
    assertThat(y.zeros()).isEqualTo(zeros);
  }

  /** Of all runs: the largest difference, cosine and largest elements of y, z and sum. */
  private void assertDifference(OutputDifference difference) {
    double maxAbs = 0;
    double minCosine = 1;
    double cosines = 0;
    int rows = 0;
    int agreeing = 0;
    for (int run = 0; run < RUNS; run++) {
      double dot = 0;
      double xx = 0;
      double yy = 0;
      for (String output : List.of("y", "z", "sum")) {
        float[] x = floats(untouched.get(run), output);
        float[] y = floats(thresholded.get(run), output);
        for (int i = 0; i < x.length; i++) {
          maxAbs = Math.max(maxAbs, Math.abs((double) x[i] - y[i]));
          dot += (double) x[i] * y[i];
          xx += (double) x[i] * x[i];
          yy += (double) y[i] * y[i];
        }
        for (int row = 0; !output.equals("sum") && row < x.length / 4; row++) {
          rows++;
          agreeing += largest(x, row) == largest(y, row) ? 1 : 0;
        }
      }
      double cosine = dot / Math.sqrt(xx * yy);
      minCosine = Math.min(minCosine, cosine);
      cosines += cosine;
    }
    assertThat(difference.runs()).isEqualTo(RUNS);
    assertThat(difference.maxAbs()).isEqualTo(maxAbs);
    assertThat(difference.minCosine()).isCloseTo(minCosine, within(1e-12));
    assertThat(difference.meanCosine()).isCloseTo(cosines / RUNS, within(1e-12));
    assertThat(difference.rows()).isEqualTo(rows);
    assertThat(difference.agreeing()).isEqualTo(agreeing).isLessThan(rows);
  }

  private static int largest(float[] values, int row) {
    int largest = 4 * row;
    for (int i = 4 * row; i < 4 * row + 4; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }

  private static float[] floats(String answer, String output) {
    String prefix = output + "=";
    String hex =
        Arrays.stream(answer.split(" "))
            .filter(part -> part.startsWith(prefix))
            .findFirst()
            .orElseThrow()
            .substring(prefix.length());
    FloatBuffer buffer =
        ByteBuffer.wrap(HexFormat.of().parseHex(hex))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private Child run(String live, String options, int compared) throws Exception {
    Files.writeString(rules, RULES + live + "\n");
    Child child =
        Child.run(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            folder,
            List.of(
                "-javaagent:"
                    + Machine.AGENT
                    + "=out=profile.json,interval=100ms,queue=1024,rules="
                    + rules
                    + options,
                "-cp",
                Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0"),
                ThresholdsProgram.class.getName(),
                model.toString(),
                Integer.toString(RUNS),
                Integer.toString(RUNS),
                Integer.toString(compared)));
    assertThat(child.exitCode()).as(child.err()).isZero();
    return child;
  }

  private Profile profile() {
    return Profile.read(folder.resolve("profile.json"));
  }
}
