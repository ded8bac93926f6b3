package io.sparsescope.cli;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.OfflineProfiler.Detail;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "profile",
    description = "Runs a model over data and counts the zeros of its activations and weights.",
    mixinStandardHelpOptions = true,
    footer = {"", "Without --tap and --rules every layer's activation is counted (layer:*)."})
final class ProfileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model; it is never changed.")
  private Path model;

  @Mixin private DataArguments data;

  @Mixin private RuleOptions ruleOptions;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Records in a run (1).")
  private int batch;

  @Option(names = "--limit", paramLabel = "N", description = "Records in all (the whole data set).")
  private Long limit;

  @Option(
      names = "--dead-channels",
      description =
          "Find dead channels, too: those (along axis 1) of an activation that are zero in all runs.")
  private boolean deadChannels;

  @Option(
      names = "--histogram",
      description =
          "Count how large the elements are, too: eight steps in each power of two, from which the"
              + " sparsity at any threshold can be read. Takes longer; not with --dead-channels.")
  private boolean histogram;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "PROFILE.json",
      description = "The profile.")
  private Path out;

  @Override
  public Integer call() {
    if (deadChannels && histogram) {
      throw new ParameterException(
          spec.commandLine(),
          "--dead-channels and --histogram: take a profile with each, one after the other");
    }
    Profile profile;
    try (ModelFile source = ModelFile.open(model);
        DataSource records = data.open(source);
        ProgressLine progress = new ProgressLine("profile")) {
      OfflineProfiler.Options options =
          new OfflineProfiler.Options(
              batch,
              limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
              ruleOptions.allowUnmatched(),
              detail(),
              ruleOptions.biases());
      profile =
          new OfflineProfiler(source, ruleOptions.rules(), options).run(records, progress::report);
    }
    profile.writeTo(out);
    PrintWriter to = spec.commandLine().getOut();
    to.print(ProfileTable.render(profile, Terminal.width()));
    to.println("wrote " + out);
    return 0;
  }

  private Detail detail() {
    return histogram ? Detail.HISTOGRAMS : deadChannels ? Detail.CHANNELS : Detail.NONE;
  }
}
