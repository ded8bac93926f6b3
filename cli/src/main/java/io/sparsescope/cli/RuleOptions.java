package io.sparsescope.cli;

import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
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
      description = "Writes the zeros of --weight-threshold into the weights themselves.")
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
    if (biases && weightThresholds.isEmpty()) {
      throw usage("--biases goes with --weight-threshold; in a rule file say biases: true");
    }
  }

  Rules rules() {
    if (!compare.equals("lt") && !compare.equals("le")) {
      throw usage("--compare is '" + compare + "': give lt or le");
    }
    if (bake && weightThresholds.isEmpty()) {
      throw usage("--bake goes with --weight-threshold; in a rule file say bake: true");
    }
    Rules given =
        new Rules(
            thresholdRules("--weight-threshold", weightThresholds, false, true),
            thresholdRules("--threshold", thresholds, dynamic, false),
            taps,
            Map.of());
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
