package io.sparsescope.cli;

import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.evaluate.Metrics;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.Choice;
import io.sparsescope.experiments.search.Grid;
import io.sparsescope.experiments.search.JointMode;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchOptions;
import io.sparsescope.experiments.search.ThresholdSearch;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "search",
    description = {
      "Looks for the highest thresholds at which a model is as good as before:",
      "layer by layer with all others dense, then all at once."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Grids: linear:FROM:TO:STEPS, log:FROM:TO:STEPS, pow2:FROM:TO (halving),",
      "quantile:STEPS (of each layer's own magnitudes).",
      "What is found is kept in RULES.yaml.state.json until the search is done."
    })
final class SearchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model; it is never changed.")
  private Path model;

  @Mixin private DataArguments data;

  @Option(
      names = "--grid",
      paramLabel = "SPEC",
      description = "The thresholds to try (pow2:1:1e-5).")
  private String grid;

  @Option(
      names = "--on",
      paramLabel = "weights|activations",
      defaultValue = "weights",
      description = "What the thresholds are for (weights).")
  private On on;

  @Option(
      names = "--by",
      paramLabel = "layer|block",
      defaultValue = "layer",
      description = "What gets a threshold of its own (layer).")
  private By by;

  @Option(
      names = "--compare",
      paramLabel = "lt|le",
      defaultValue = "lt",
      description = "Whether values equal to the threshold are kept (lt, the default) or not (le).")
  private String compare;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      description = {
        "top-1 (default where the data has labels), top-5, binary[:LIMIT], agreement (default",
        "without labels), cosine, max-error, squared-error, or the class name of your own."
      })
  private String metric;

  @Option(
      names = "--output",
      paramLabel = "NAME",
      description = "The output to judge (the only one of floating-point numbers).")
  private String output;

  @Option(
      names = "--tolerance",
      paramLabel = "R",
      defaultValue = "0",
      description = "Share of the dense model's accuracy that may be lost (0).")
  private double tolerance;

  @Option(
      names = "--joint",
      paramLabel = "report|repair",
      defaultValue = "report",
      description = {
        "Where all thresholds at once lose more: say so (report, the default), or give thresholds",
        "back where it costs least sparsity (repair)."
      })
  private JointMode joint;

  @Option(
      names = "--validate",
      paramLabel = "FRACTION",
      defaultValue = "0",
      description = "Part of the records to judge the result by, not to choose it by (0).")
  private double validate;

  @Option(names = "--limit", paramLabel = "N", description = "Records in all (the whole data set).")
  private Integer limit;

  @Option(
      names = "--pick",
      paramLabel = "first|random",
      defaultValue = "first",
      description = "Which records a limit takes: the first, or a draw by the seed (first).")
  private String pick;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "" + SearchOptions.DEFAULT_BATCH,
      description = "Records in a run (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of all that is random: --pick and --validate (0).")
  private long seed;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description = "For records and what is kept between runs (half of the heap).")
  private Long memory;

  @Option(names = "--threads", paramLabel = "N", description = "Threads to be busy (all cores).")
  private Integer threads;

  @Option(
      names = "--exhaustive",
      description = "Try every threshold on all records in the plain way, for proof.")
  private boolean exhaustive;

  @Option(names = "--rules", paramLabel = "FILE", description = "Rule file that names blocks.")
  private Path rules;

  @Option(
      names = "--filter",
      paramLabel = "PATTERN",
      description = "Searches only these layers; the others stay dense.")
  private String filter;

  @Option(names = "--resume", description = "Goes on with a search that was interrupted.")
  private boolean resume;

  @Option(
      names = "-o",
      required = true,
      paramLabel = "RULES.yaml",
      description = "The thresholds, as a rule file.")
  private Path out;

  @Option(names = "--json", paramLabel = "FILE", description = "The result for programs.")
  private Path json;

  @Override
  public Integer call() {
    SearchOptions options = options();
    Path state = ThresholdSearch.stateFileOf(out);
    ThresholdSearch.Found found;
    try (ModelFile source = ModelFile.open(model);
        SearchProgressLine progress = new SearchProgressLine()) {
      // Before the data is opened: a model with nothing to search says so at once.
      ThresholdSearch search = new ThresholdSearch(source, options, progress::report);
      try (DataSource records = data.open(source)) {
        found = search.run(records, data.spec(), Optional.of(state), resume);
      }
    }
    found.rules().write(out);
    if (json != null) {
      found.result().writeTo(json);
    }
    ThresholdSearch.forget(state);
    SearchText.print(spec.commandLine().getOut(), found.result());
    spec.commandLine().getOut().println("wrote " + out + (json == null ? "" : " and " + json));
    return 0;
  }

  private SearchOptions options() {
    SearchOptions defaults = SearchOptions.DEFAULT;
    return new SearchOptions(
        on,
        by,
        either("--compare", compare, "lt", "le").equals("le"),
        grid == null ? Grid.DEFAULT : Grid.parse(grid),
        Optional.ofNullable(output),
        Optional.ofNullable(metric).map(Metrics::parse),
        tolerance,
        new Choice(
            limit == null ? OptionalInt.empty() : OptionalInt.of(limit),
            either("--pick", pick, "first", "random").equals("random"),
            seed),
        validate,
        joint,
        blocks(),
        Optional.ofNullable(filter),
        batch,
        seed,
        threads == null ? defaults.threads() : threads,
        memory == null ? defaults.memory() : memory,
        exhaustive);
  }

  private Map<String, String> blocks() {
    if (rules == null) {
      return Map.of();
    }
    Rules given = Rules.read(rules).offline();
    if (given.hasTransforms() || !given.taps().isEmpty()) {
      throw new CommandException(
          rules
              + ": search takes only blocks from a rule file; take out the rest, and put thresholds"
              + " into the model first with 'sparsescope rewrite'");
    }
    return given.blocks();
  }

  private String either(String option, String value, String one, String other) {
    if (!value.equals(one) && !value.equals(other)) {
      throw new ParameterException(
          spec.commandLine(), option + " is '" + value + "': give " + one + " or " + other);
    }
    return value;
  }
}
