package io.sparsescope.cli;

import io.sparsescope.experiments.WeightCounter;
import io.sparsescope.onnx.ModelFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

  @Option(names = "--weights", description = "Counts the zeros of weights and biases.")
  private boolean weights;

  @Option(names = "--json", description = "Prints JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    try (ModelFile source = ModelFile.open(model)) {
      Inspection inspection = Inspection.of(source);
      WeightCounter.Result counted = weights ? WeightCounter.count(source) : null;
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
}
