package io.sparsescope.cli;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.Skip;
import io.sparsescope.rewriter.Tap;
import io.sparsescope.rewriter.Threshold;
import io.sparsescope.rewriter.Transformation;
import io.sparsescope.rewriter.rules.Rules;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "rewrite",
    description = "Inserts thresholds, other transforms and taps into a model.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A pattern is a glob over node names (/layer1/**/conv*), re:REGEX, op:Relu, tensor:GLOB or",
      "layer:*; joined by ' & ', negated by '!'. README tells more."
    })
final class RewriteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model; it is never changed.")
  private Path model;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "The rewritten model.")
  private Path out;

  @Mixin private RuleOptions ruleOptions;

  @Option(names = "--dry-run", description = "Says what would be done, and writes nothing.")
  private boolean dryRun;

  @Option(names = "--json", description = "Prints JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    if (out == null && !dryRun) {
      throw new ParameterException(spec.commandLine(), "name the output: -o OUT (or --dry-run)");
    }
    Rules rules = ruleOptions.rules();
    ruleOptions.requireWeightThresholdForBiases();
    if (rules.equals(Rules.NONE)) {
      throw new ParameterException(
          spec.commandLine(),
          "say what to do: --threshold, --transform, --tap, --rules FILE or another of these");
    }
    try (ModelFile source = ModelFile.open(model)) {
      Rewrite rewrite = new Rewriter(rules, ruleOptions.allowUnmatched(), true).plan(source);
      if (!dryRun) {
        rewrite.edit().writeTo(out);
      }
      if (json) {
        Json.print(spec.commandLine().getOut(), describe(source, rewrite));
      } else {
        print(spec.commandLine().getOut(), source, rewrite);
      }
    }
    return 0;
  }

  private Map<String, Object> describe(ModelFile source, Rewrite rewrite) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("format", "sparsescope-rewrite");
    result.put("version", 1);
    result.put("model", source.name());
    result.put("output", dryRun ? null : out.toString());
    result.put("thresholds", rewrite.thresholds());
    result.put("transforms", rewrite.transformations());
    result.put("taps", rewrite.taps());
    result.put("skipped", rewrite.skipped());
    result.put("blocks", rewrite.blocks());
    return result;
  }

  private void print(PrintWriter to, ModelFile source, Rewrite rewrite) {
    if (!rewrite.thresholds().isEmpty()) {
      Table table = new Table("threshold at", "tensor", "kind", "< value");
      for (Threshold t : rewrite.thresholds()) {
        String value = (t.orEqual() ? "<= " : "< ") + t.value();
        String how = t.baked() ? " baked" : t.input().isEmpty() ? "" : " input " + t.input();
        table.row(t.node(), t.tensor(), t.kind(), value + how);
      }
      table.print(to);
      to.println();
    }
    if (!rewrite.transformations().isEmpty()) {
      Table table = new Table("transform at", "tensor", "kind", "transform");
      for (Transformation t : rewrite.transformations()) {
        table.row(t.node(), t.tensor(), t.kind(), t.transform() + (t.baked() ? " baked" : ""));
      }
      table.print(to);
      to.println();
    }
    if (!rewrite.taps().isEmpty()) {
      Table table = new Table("tap at", "op", "tensor", "type", "counted");
      for (Tap t : rewrite.taps()) {
        table.row(
            t.node(),
            t.op(),
            t.tensor(),
            t.type().label(),
            t.countedInGraph() ? Rewrite.COUNTS + "[" + t.row() + "]" : "as output " + t.output());
      }
      table.print(to);
      to.println();
    }
    printSkipped(to, rewrite.skipped());
    to.printf(
        "%s: %d thresholds, %s%d taps, %d skipped%s%n",
        source.name(),
        rewrite.thresholds().size(),
        rewrite.transformations().isEmpty()
            ? ""
            : rewrite.transformations().size() + " transforms, ",
        rewrite.taps().size(),
        rewrite.skipped().size(),
        dryRun ? "; nothing written (--dry-run)" : "; wrote " + out);
  }

  static void printSkipped(PrintWriter to, List<Skip> skipped) {
    for (Skip skip : skipped) {
      to.printf(
          "skipped %s%s: %s%n",
          skip.node(), skip.tensor().isEmpty() ? "" : " (" + skip.tensor() + ")", skip.reason());
    }
  }
}
