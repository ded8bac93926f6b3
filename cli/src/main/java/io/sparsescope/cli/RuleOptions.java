package io.sparsescope.cli;

import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import io.sparsescope.rewriter.transform.Transforms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say what to do at which nodes. Those given here win over the rule file's. */
final class RuleOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--rules", paramLabel = "FILE", description = "Rule file, YAML or JSON.")
  private Path rules;

  @Option(
      names = "--threshold",
      paramLabel = "PATTERN=T",
      description = "Sets activations of smaller magnitude than T to zero; may be repeated.")
  private List<String> thresholds = List.of();

  @Option(
      names = "--weight-threshold",
      paramLabel = "PATTERN=T",
      description = "Sets weights of smaller magnitude than T to zero; may be repeated.")
  private List<String> weightThresholds = List.of();

  @Option(
      names = "--transform",
      paramLabel = "PATTERN=SPEC",
      description = "Transforms activations, for example by nearest,16,8; may be repeated.")
  private List<String> transforms = List.of();

  @Option(
      names = "--weight-transform",
      paramLabel = "PATTERN=SPEC",
      description = "Transforms weights; may be repeated.")
  private List<String> weightTransforms = List.of();

  @Option(
      names = "--intrinsic",
      paramLabel = "PATTERN=SPEC",
      description = "Transforms every tensor inside these layers; may be repeated.")
  private List<String> intrinsic = List.of();

  @Option(
      names = "--tap",
      paramLabel = "PATTERN",
      description = "Counts the zeros of these nodes' outputs at every run; may be repeated.")
  private List<String> taps = List.of();

  @Option(
      names = "--compare",
      paramLabel = "lt|le",
      defaultValue = "lt",
      description = "Whether values equal to the threshold are kept (lt, the default) or not (le).")
  private String compare;

  @Option(
      names = "--dynamic",
      description = "Makes each --threshold a graph input that may be set at each run.")
  private boolean dynamic;

  @Option(
      names = "--bake",
      description =
          "Changes the stored weights by --weight-threshold and --weight-transform, instead of"
              + " adding nodes.")
  private boolean bake;

  @Option(
      names = "--biases",
      description = "Takes biases for weights: --weight-threshold changes them, counts have them.")
  private boolean biases;

  @Option(
      names = "--allow-unmatched",
      description = "Goes on when a pattern selects nothing, instead of failing.")
  private boolean allowUnmatched;

  boolean allowUnmatched() {
    return allowUnmatched;
  }

  /** Whether biases are to be counted as weights. */
  boolean biases() {
    return biases;
  }

  /** For commands that count nothing. */
  void requireWeightThresholdForBiases() {
    if (biases && weightThresholds.isEmpty() && weightTransforms.isEmpty()) {
      throw usage(
          "--biases goes with --weight-threshold or --weight-transform; in a rule file say biases:"
              + " true");
    }
  }

  Rules rules() {
    if (!compare.equals("lt") && !compare.equals("le")) {
      throw usage("--compare is '" + compare + "': give lt or le");
    }
    if (bake && weightThresholds.isEmpty() && weightTransforms.isEmpty()) {
      throw usage(
          "--bake goes with --weight-threshold or --weight-transform; in a rule file say bake:"
              + " true");
    }
    List<Rule> weights =
        new ArrayList<>(thresholdRules("--weight-threshold", weightThresholds, false, true));
    weights.addAll(transformRules("--weight-transform", weightTransforms, true));
    List<Rule> activations =
        new ArrayList<>(thresholdRules("--threshold", thresholds, dynamic, false));
    activations.addAll(transformRules("--transform", transforms, false));
    Rules given =
        new Rules(weights, activations, taps, Map.of())
            .withIntrinsic(transformRules("--intrinsic", intrinsic, false));
    return rules == null ? given : given.and(Rules.read(rules).offline());
  }

  private List<ThresholdRule> thresholdRules(
      String option, List<String> values, boolean dynamic, boolean onWeights) {
    List<ThresholdRule> result = new ArrayList<>();
    for (String value : values) {
      int equals = value.lastIndexOf('=');
      if (equals < 1) {
        throw usage(option + " '" + value + "': give PATTERN=T, for example op:Relu=0.01");
      }
      double threshold = threshold(option, value, value.substring(equals + 1).strip());
      result.add(
          new ThresholdRule(
              value.substring(0, equals).strip(),
              threshold,
              compare.equals("le"),
              dynamic,
              onWeights && bake,
              onWeights && biases));
    }
    return result;
  }

  /** {@code sparse,T} is a threshold, for which --compare counts. */
  private List<Rule> transformRules(String option, List<String> values, boolean onWeights) {
    List<Rule> result = new ArrayList<>();
    for (String value : values) {
      int equals = value.lastIndexOf('=');
      if (equals < 1) {
        throw usage(option + " '" + value + "': give PATTERN=SPEC, for example conv1=nearest,16,8");
      }
      String match = value.substring(0, equals).strip();
      String transform = value.substring(equals + 1).strip();
      boolean orEqual = compare.equals("le") && Transforms.threshold(transform).isPresent();
      result.add(Rule.of(match, transform, orEqual, false, onWeights && bake, onWeights && biases));
    }
    return result;
  }

  private double threshold(String option, String value, String number) {
    double threshold;
    try {
      threshold = Double.parseDouble(number);
    } catch (NumberFormatException notANumber) {
      throw usage(option + " '" + value + "': '" + number + "' is not a number");
    }
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw usage(option + " '" + value + "': a threshold is finite and not negative");
    }
    return threshold;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
