package io.sparsescope.cli;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "inspect",
    description = "Says what a model is made of: inputs, operators, layers, weights.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model.")
  private Path model;

  @Option(
      names = "--weights",
      description = "Counts the zeros of weights: a layer, a block, in all.")
  private boolean weights;

  @Option(names = "--biases", description = "With --weights: counts those of biases, too.")
  private boolean biases;

  @Option(
      names = "--rules",
      paramLabel = "FILE",
      description =
          "With --weights: a rule file that names the blocks; weights are counted as its thresholds"
              + " leave them.")
  private Path rules;

  @Option(names = "--json", description = "Prints JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    if (!weights && (biases || rules != null)) {
      throw new ParameterException(
          spec.commandLine(), (biases ? "--biases" : "--rules") + " goes with --weights");
    }
    try (ModelFile source = ModelFile.open(model)) {
      Inspection inspection = Inspection.of(source);
      WeightInspection counted = weights ? WeightInspection.of(source, plan(), biases) : null;
      if (json) {
        Json.print(spec.commandLine().getOut(), InspectionJson.of(inspection, counted));
      } else {
        InspectionText text = new InspectionText(spec.commandLine().getOut());
        text.print(inspection);
        if (weights) {
          text.print(counted);
        }
      }
    }
    return 0;
  }

  /** What of a rule file concerns weights. */
  private Rules plan() {
    if (rules == null) {
      return Rules.NONE;
    }
    Rules all = Rules.read(rules);
    return new Rules(all.weights(), List.of(), List.of(), all.blocks());
  }
}
