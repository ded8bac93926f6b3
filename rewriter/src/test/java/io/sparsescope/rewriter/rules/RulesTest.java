package io.sparsescope.rewriter.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.rewriter.RewriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  @TempDir Path folder;

  private static final String YAML =
      """
      weights:
        - {match: "block1/**", threshold: 0.05, compare: le, bake: true}
        - {match: "conv2", threshold: 0.1, biases: true}
      activations:
        - {match: "op:Relu", threshold: 1e-3, dynamic: true}
        - {match: "conv1", transform: "sparse, 0.5"}
      taps:
        - {match: "layer:*"}
      blocks:
        block1/unit_1: "block1/unit_1/**"
      """;
  private static final String JSON =
      """
      {"weights": [{"match": "block1/**", "threshold": 0.05, "compare": "le", "bake": true},
                   {"match": "conv2", "threshold": 0.1, "biases": true}],
       "activations": [{"match": "op:Relu", "threshold": 1e-3, "dynamic": true},
                       {"match": "conv1", "threshold": 0.5, "compare": "lt"}],
       "taps": [{"match": "layer:*"}],
       "blocks": {"block1/unit_1": "block1/unit_1/**"}}
      """;
  private static final Rules EXPECTED =
      new Rules(
          List.of(
              new ThresholdRule("block1/**", 0.05, true, false, true),
              new ThresholdRule("conv2", 0.1, false, false, false, true)),
          List.of(
              new ThresholdRule("op:Relu", 0.001, false, true, false),
              new ThresholdRule("conv1", 0.5, false, false, false)),
          List.of("layer:*"),
          Map.of("block1/unit_1", "block1/unit_1/**"));

  @Test
  void readsYaml() throws IOException {
    assertThat(Rules.read(file("r.yaml", YAML))).isEqualTo(EXPECTED);
  }

  @Test
  void readsJson() throws IOException {
    assertThat(Rules.read(file("r.json", JSON))).isEqualTo(EXPECTED);
  }

  @Test
  void readsAnEmptyFileAsNoRules() throws IOException {
    assertThat(Rules.read(file("r.yaml", "# nothing yet\n"))).isEqualTo(Rules.NONE);
  }

  @Test
  void writesWhatItReads() {
    Path file = folder.resolve("out.yaml");
    EXPECTED.write(file);
    assertThat(Rules.read(file)).isEqualTo(EXPECTED);
    assertThat(folder.toFile().list()).containsExactly("out.yaml");
  }

  @Test
  void readsAndWritesTransforms() throws IOException {
    Rules rules =
        Rules.read(
            file(
                "r.yaml",
                """
                weights:
                  - {match: a, transform: " nearest, 16,8", bake: true, biases: true}
                  - {match: b, transform: "sparse,0.5", compare: le}
                activations:
                  - {match: c, transform: fp16}
                  - {match: d, threshold: 1}
                gradients:
                  - {match: conv1, threshold: 1e-4, compare: le}
                  - {match: "**", transform: "topk,0.1"}
                intrinsic:
                  - {match: e, transform: "ternary,1"}
                """));
    assertThat(rules.weights())
        .containsExactly(
            new TransformRule("a", "nearest,16,8", true, true),
            new ThresholdRule("b", 0.5, true, false, false));
    assertThat(rules.activations())
        .containsExactly(
            new TransformRule("c", "half", false, false),
            new ThresholdRule("d", 1, false, false, false));
    assertThat(rules.gradients())
        .containsExactly(
            new ThresholdRule("conv1", 1e-4, true, false, false),
            new TransformRule("**", "topk,0.1", false, false));
    assertThat(rules.intrinsic())
        .containsExactly(new TransformRule("e", "ternary,1.0", false, false));
    Path written = folder.resolve("out.yaml");
    rules.write(written);
    assertThat(Rules.read(written)).isEqualTo(rules);
    assertThat(Rules.NONE.and(rules)).isEqualTo(rules);
  }

  @Test
  void eachListIsReplacedOrGoesBehindAnotherByItself() {
    Rule first = new ThresholdRule("a", 1, false, false, false);
    Rule second = new TransformRule("b", "half", false, false);
    Rules gradients = Rules.NONE.withGradients(List.of(first));
    assertThat(gradients.gradients()).containsExactly(first);
    assertThat(gradients.weights()).isEmpty();
    assertThat(gradients.hasTransforms()).isFalse();
    assertThat(gradients.and(Rules.NONE.withGradients(List.of(second))).gradients())
        .containsExactly(first, second);
    assertThat(gradients.withIntrinsic(List.of(second)).gradients()).containsExactly(first);
    assertThat(gradients.withTaps(List.of("t")).gradients()).containsExactly(first);
    assertThat(gradients.offline()).isEqualTo(gradients);
    assertThat(gradients.tapsOnly()).isEqualTo(Rules.NONE);
  }

  @Test
  void nothingIsBakedIntoGradients() {
    List<Rule> baked = List.of(new ThresholdRule("conv1", 1, false, false, true));
    assertThatThrownBy(() -> Rules.NONE.withGradients(baked))
        .isInstanceOf(RewriteException.class)
        .hasMessage(
            "pattern \"conv1\" is to be baked into gradients, which no file holds: take out bake");
  }

  @Test
  void putsOtherRulesBehind() {
    Rules tap = new Rules(List.of(), List.of(), List.of("op:Conv"), Map.of());
    assertThat(EXPECTED.and(tap).taps()).containsExactly("layer:*", "op:Conv");
    assertThat(tap.and(EXPECTED).taps()).containsExactly("op:Conv", "layer:*");
    assertThat(EXPECTED.and(Rules.NONE)).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "live: true | 0.1 | 0.01",
        "live: {} | 0.1 | 0.01",
        "live: {fraction: 0.5} | 0.5 | 0.01",
        "live: {fraction: 0, compare: 1e-3} | 0 | 0.001",
        "live: {compare: 0, fraction: 1} | 1 | 0",
      })
  void readsAndWritesHowThresholdsAreTriedOnLiveModels(
      String content, double fraction, double compare) throws IOException {
    Rules rules = Rules.read(file("r.yaml", content));
    assertThat(rules.live()).contains(new Live(fraction, compare));
    Path written = folder.resolve("out.yaml");
    rules.write(written);
    assertThat(Rules.read(written)).isEqualTo(rules);
  }

  @Test
  void leavesLiveModelsAloneUnlessTold() throws IOException {
    assertThat(Rules.read(file("r.yaml", YAML)).live()).isEmpty();
    assertThat(Rules.read(file("off.yaml", YAML + "live: false\n"))).isEqualTo(EXPECTED);
  }

  @Test
  void joinedRulesAreLiveAsTheFirstThatSaysSo() throws IOException {
    Rules half = Rules.read(file("half.yaml", "live: {fraction: 0.5}"));
    Rules all = Rules.read(file("all.yaml", "live: {fraction: 1}"));
    assertThat(EXPECTED.and(half).live()).contains(new Live(0.5, 0.01));
    assertThat(half.and(EXPECTED).live()).contains(new Live(0.5, 0.01));
    assertThat(half.and(all).live()).contains(new Live(0.5, 0.01));
    assertThat(EXPECTED.and(Rules.NONE).live()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tap: [] | tap is not a key of rule files:"
            + " use one of weights, activations, gradients, intrinsic, taps, blocks, live",
        "gradients: [{match: a, threshold: -0.5}] |"
            + " gradients[0].threshold is -0.5: write a finite number that is not negative",
        "gradients: [{match: a, threshold: 1, bake: true}] | gradients[0].bake is not a key of this"
            + " rule: use match, threshold, transform, compare, dynamic",
        "intrinsic: [{match: a, transform: none, bake: true}] | intrinsic[0].bake is not a key of this"
            + " rule: use match, threshold, transform, compare, dynamic",
        "weights: 3 | weights is not a list: write each rule behind a dash: - {match: ...}",
        "weights: [3] | weights[0] is not a mapping: write it as {match: PATTERN, ...}",
        "weights: [{match: a}] | weights[0] has no threshold and no transform: give it one of the two",
        "weights: [{threshold: 1}] | weights[0].match is missing: write it in quotes",
        "weights: [{match: a, threshold: -1}] |"
            + " weights[0].threshold is -1.0: write a finite number that is not negative",
        "weights: [{match: a, threshold: 1.0e+999}] |"
            + " weights[0].threshold is Infinity: write a finite number that is not negative",
        "weights: [{match: a, threshold: x}] |"
            + " weights[0].threshold is not a number: write a number such as 0.05",
        "weights: [{match: '', threshold: 1}] |"
            + " weights[0].match: empty pattern: write ** to select every node",
        "weights: [{match: a, threshold: 1, compare: gt}] |"
            + " weights[0].compare is \"gt\": write lt or le",
        "weights: [{match: a, threshold: 1, bake: yep}] |"
            + " weights[0].bake is neither true nor false: write true or false",
        "weights: [{match: a, threshold: 1, bake: true, dynamic: true}] |"
            + " weights[0] is both dynamic and bake: keep one of the two",
        "activations: [{match: a, threshold: 1}, {match: a, threshold: 1, bake: true}] |"
            + " activations[1].bake is not a key of this rule:"
            + " use match, threshold, transform, compare, dynamic",
        "activations: [{match: a, transform: 'nearest,16'}] | activations[0]:"
            + " transform \"nearest,16\": has 1 argument: write nearest,s,p",
        "activations: [{match: a, transform: 'nearest,65,8'}] | activations[0]:"
            + " transform \"nearest,65,8\": s is 65, not from 1 to 64: write nearest,s,p",
        "activations: [{match: a, transform: 'near,16,8'}] | activations[0]: transform \"near\" is not"
            + " known: use one of binary, bound, down, fp16, half, logarithmic, nearest, nm, none, sparse,"
            + " stochastic, ternary, topk, zero or file:FUNCTION.onnx, or put its provider on the"
            + " class path",
        "activations: [{match: a, transform: 'sparse,-1'}] | activations[0]:"
            + " transform \"sparse,-1\": T is -1.0, which is negative: write sparse,T",
        "activations: [{match: a, transform: 'sparse,x'}] | activations[0]:"
            + " transform \"sparse,x\": T is \"x\", no number: write sparse,T",
        "activations: [{match: a, transform: half, compare: le}] | activations[0]:"
            + " transform \"half\" is no threshold: take out compare",
        "activations: [{match: a, transform: half, dynamic: true}] | activations[0]:"
            + " transform \"half\" is no threshold: take out dynamic",
        "weights: [{match: a, transform: 'topk,1.5'}] | weights[0]: transform \"topk,1.5\": RATIO is"
            + " 1.5, which is not above 0 and at most 1:"
            + " write topk,k or topk,RATIO with a decimal point",
        "weights: [{match: a, transform: half, threshold: 1}] |"
            + " weights[0] has both threshold and transform: give it one of the two",
        "taps: ['layer:*'] | taps[0] is not a mapping: write it as {match: PATTERN, ...}",
        "blocks: {a: 'x{'} | blocks.a: pattern \"x{\" has a { without }:"
            + " close it, or write \\{ for the character",
        "live: 0.1 | live is neither true nor false nor a mapping:"
            + " write true, false or {fraction: 0.1, compare: 0.01}",
        "live: {share: 1} | live.share is not a key of this rule: use fraction, compare",
        "live: {fraction: half} | live.fraction is not a number: write a number such as 0.05",
        "live: {fraction: 1.5} | live.fraction is 1.5: write a number from 0 to 1",
        "live: {compare: -1} | live.compare is -1.0: write a number from 0 to 1",
        "live: {fraction: 0, compare: 0} | live has a fraction of 0 and a compare of 0:"
            + " give one of them, or write live: false",
        "[] | the file is not a mapping: write keys such as weights, activations, gradients,"
            + " intrinsic, taps, blocks, live",
      })
  void namesFileKeyAndRemedy(String content, String message) throws IOException {
    Path file = file("bad.yaml", content);
    assertThatThrownBy(() -> Rules.read(file))
        .isInstanceOf(RewriteException.class)
        .hasMessage(file + ": " + message);
  }

  @Test
  void namesTheLineOfWhatIsNotYaml() throws IOException {
    Path file = file("bad.yaml", "taps:\n  - {match: a\n");
    assertThatThrownBy(() -> Rules.read(file))
        .isInstanceOf(RewriteException.class)
        .hasMessageMatching(".*bad.yaml:\\d+: not YAML \\(.*\\): correct it");
  }

  @Test
  void refusesNan() throws IOException {
    Path file = file("bad.yaml", "weights: [{match: a, threshold: .nan}]");
    assertThatThrownBy(() -> Rules.read(file))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("bad.yaml:1: ")
        .hasMessageContaining(".nan");
    assertThatThrownBy(() -> new ThresholdRule("a", Double.NaN, false, false, false))
        .isInstanceOf(RewriteException.class)
        .hasMessage("threshold NaN of pattern \"a\": write a finite number that is not negative");
  }

  @Test
  void refusesAKeyThatIsThereTwice() throws IOException {
    Path file = file("bad.json", "{\"taps\": [], \"taps\": []}");
    assertThatThrownBy(() -> Rules.read(file))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("Duplicate");
  }

  @Test
  void namesAMissingFile() {
    assertThatThrownBy(() -> Rules.read(folder.resolve("none.yaml")))
        .isInstanceOf(RewriteException.class)
        .hasMessageEndingWith("none.yaml: no such rule file: check its path");
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
