package io.sparsescope.cli;

import io.sparsescope.experiments.train.SparseGradients;
import io.sparsescope.experiments.train.sweep.SweepValues;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say what is done to gradients. Those given here win over the rule file's. */
final class GradientOptions {
  private static final String ALL = "**";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--gradient-threshold",
      paramLabel = "[PATTERN=]T",
      description =
          "Sets elements of gradients of smaller magnitude than T to zero before the update, of all"
              + " parameters or those that the pattern matches; may be repeated, the first match wins.")
  private List<String> thresholds = List.of();

  @Option(
      names = "--gradient-transform",
      paramLabel = "PATTERN=SPEC",
      description = "Transforms gradients, for example by topk,0.01; may be repeated.")
  private List<String> transforms = List.of();

  @Option(
      names = "--compare",
      paramLabel = "lt|le",
      defaultValue = "lt",
      description = "Whether values equal to a threshold are kept (lt, the default) or not (le).")
  private String compare;

  @Option(
      names = "--residual",
      description = "Adds what is cut off a gradient to that of the next step.")
  private boolean residual;

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description = "Rule file with gradients, and blocks to count by.")
  private Path rules;

  @Option(
      names = "--sweep",
      paramLabel = "gradient-threshold=VALUES",
      description =
          "Trains once for each threshold, on as many processors as there are (--parallel), and puts"
              + " the runs and sweep.json into the folder that -o names. VALUES: 0,1e-5,..,1e-2 or"
              + " log:FROM:TO:STEPS.")
  private String sweep;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      description = "Runs of a sweep at a time (as many as there are processors).")
  private Integer parallel;

  boolean sweeps() {
    return sweep != null;
  }

  /** The swept thresholds, rising. */
  List<Double> swept() {
    return SweepValues.parse(sweep);
  }

  int parallel() {
    if (parallel != null && parallel < 1) {
      throw usage("--parallel " + parallel + ": give a number of at least 1");
    }
    return parallel == null ? Runtime.getRuntime().availableProcessors() : parallel;
  }

  boolean residual() {
    return residual;
  }

  /**
   * What is done to the gradients of a training; residuals of a sweep are left to it.
   *
   * @throws io.sparsescope.rewriter.RewriteException if a rule cannot be understood
   * @throws io.sparsescope.experiments.ExperimentException if the rules are not for training
   */
  SparseGradients sparse() {
    if (!compare.equals("lt") && !compare.equals("le")) {
      throw usage("--compare is '" + compare + "': give lt or le");
    }
    if (parallel != null && sweep == null) {
      throw usage("--parallel goes with --sweep");
    }
    List<Rule> given = new ArrayList<>();
    for (String value : transforms) {
      int equals = value.lastIndexOf('=');
      if (equals < 1) {
        throw usage(
            "--gradient-transform '" + value + "': give PATTERN=SPEC, for example **=topk,0.01");
      }
      given.add(rule(value.substring(0, equals).strip(), value.substring(equals + 1).strip()));
    }
    thresholds.forEach(value -> given.add(threshold(value)));
    Rules all = Rules.NONE.withGradients(given);
    if (rules != null) {
      all = all.and(Rules.read(rules).offline());
    }
    return new SparseGradients(all, residual && sweep == null);
  }

  private Rule threshold(String value) {
    int equals = value.lastIndexOf('=');
    String number = value.substring(equals + 1).strip();
    double threshold;
    try {
      threshold = Double.parseDouble(number);
    } catch (NumberFormatException notANumber) {
      throw usage(
          "--gradient-threshold '"
              + value
              + "': '"
              + number
              + "' is not a number; give T or PATTERN=T, for example conv1=1e-4");
    }
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw usage("--gradient-threshold '" + value + "': a threshold is finite and not negative");
    }
    return rule(equals < 1 ? ALL : value.substring(0, equals).strip(), "sparse," + threshold);
  }

  private Rule rule(String match, String transform) {
    boolean orEqual = compare.equals("le") && transform.startsWith("sparse");
    return Rule.of(match, transform, orEqual, false, false, false);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
