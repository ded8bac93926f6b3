package io.sparsescope.cli;

import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.evaluate.Evaluation;
import io.sparsescope.experiments.evaluate.Evaluator;
import io.sparsescope.experiments.evaluate.Metric;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    description =
        "Runs a model over data and judges its answers: accuracy, or nearness to another.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Metrics: top-1, top-5, top-N; binary[:LIMIT] for one output value (0.5; 0 for logits);",
      "without labels agreement (the dense model's class), binary-agreement[:LIMIT], cosine,",
      "max-error and squared-error, which compare with --against, or with the outputs in onnx: data",
      "or the targets in npy: data (float32 or float64 in Y.npy); or the class name of your own",
      "io.sparsescope.experiments.evaluate.Metric.",
      "Of equal values the first is the highest; NaN never is."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model; it is never changed.")
  private Path model;

  @Mixin private DataArguments data;

  @Option(
      names = "--metric",
      paramLabel = "M",
      description = "How answers are judged (top-1); may be repeated.")
  private List<String> metrics = List.of("top-1");

  @Option(
      names = "--against",
      paramLabel = "DENSE.onnx",
      description = "The model to compare with, on the same records.")
  private Path against;

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "The output to judge (the only one of floating-point numbers).")
  private String output;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Records in a run (32).")
  private int batch;

  @Option(names = "--limit", paramLabel = "N", description = "Records in all (the whole data set).")
  private Long limit;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Runs side by side (as many as there are processors).")
  private Integer threads;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Evaluator.Options options =
        new Evaluator.Options(
            batch,
            limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
            threads == null ? Runtime.getRuntime().availableProcessors() : threads,
            Optional.ofNullable(output));
    List<Metric> judges = metrics.stream().map(Metrics::parse).toList();
    Evaluation evaluation;
    try (ModelFile source = ModelFile.open(model);
        ModelFile dense = against == null ? null : ModelFile.open(against)) {
      Evaluator evaluator =
          new Evaluator(source, new ModelEdit(source), Optional.ofNullable(dense), judges, options);
      try (DataSource records = open(source, judges);
          ProgressLine progress = new ProgressLine("evaluate")) {
        evaluation = evaluator.run(records, progress::report);
      }
    }
    PrintWriter to = spec.commandLine().getOut();
    if (json) {
      Json.print(to, EvaluationText.json(evaluation));
    } else {
      EvaluationText.print(evaluation, to);
    }
    return 0;
  }

  private DataSource open(ModelFile source, List<Metric> judges) {
    boolean references = against == null && judges.stream().anyMatch(Metric::needsDense);
    return references ? data.openWithReferences(source) : data.open(source);
  }
}
