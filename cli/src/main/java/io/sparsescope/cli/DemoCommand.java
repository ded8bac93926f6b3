package io.sparsescope.cli;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.OutputComparison;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileTable;
import io.sparsescope.profile.TapProfile;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.rules.ThresholdRule;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description =
        "Attaches the agent to a service, prints what it saw, makes one of its models sparser; then"
            + " profiles, searches, rewrites and evaluates a trained net.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final double[] THRESHOLDS = {0, 0.02, 0.05, 0.1, 0.2, 0.5};
  private static final String RELU = "op:Relu";

  @Spec private CommandSpec spec;
  private PrintWriter out;
  private DemoShell shell;
  private Path folder;

  @Override
  public Integer call() throws IOException, InterruptedException {
    out = spec.commandLine().getOut();
    DemoService service = DemoService.find();
    shell = new DemoShell(service.home(), spec.commandLine());
    folder = freshFolder(service.home().resolve("demo/target/run"));

    shell.heading("A service runs as it is: LangChain4j's MiniLM, and text direction from PP-OCR");
    String without = service.run(Files.createDirectory(folder.resolve("without")), null);
    out.print(without);

    shell.heading("The same service with -javaagent:sparsescope-agent.jar");
    Path watched = Files.createDirectory(folder.resolve("watched"));
    Path profileFile = folder.resolve("profile.json");
    String with = service.run(watched, profileFile);
    out.print(with);
    out.println(
        with.equals(without) ? "(the same answers)" : "(DIFFERENT ANSWERS: please report this)");
    Profile profile = Profile.read(profileFile);
    out.println();
    out.print(ProfileTable.render(profile, Terminal.width()));

    shell.heading("The direction model offline, over the same 100 pictures");
    Path direction = watched.resolve("direction.onnx");
    Profile offline = profile(direction, Rules.NONE);
    out.println(
        sameCounts(offline, profile)
            ? "the same counts, to the last zero"
            : "DIFFERENT COUNTS: please report this");

    shell.heading(
        "The same model rewritten: activations of its Relu nodes below a threshold become 0");
    sparser(direction);
    out.println();
    shell.say("profile: " + shell.typed(profileFile));

    boolean kept = new DemoNet(shell, folder).show();
    return kept && with.equals(without) && sameCounts(offline, profile) ? 0 : 1;
  }

  private void sparser(Path direction) {
    Table table =
        new Table("threshold", "Relu sparsity", "answers kept", "right answers", "max change");
    for (double threshold : THRESHOLDS) {
      Rules rules = new Rules(List.of(), List.of(rule(threshold)), List.of(), Map.of());
      Path rewritten = folder.resolve("direction-" + threshold + ".onnx");
      try (ModelFile model = ModelFile.open(direction)) {
        new Rewriter(rules, false, true).plan(model).edit().writeTo(rewritten);
        try (ModelFile sparse = ModelFile.open(rewritten);
            DataSource data = pictures(model)) {
          OutputComparison.Result change = OutputComparison.compare(model, sparse, data, 1);
          table.row(
              threshold,
              percent(reluSparsity(profile(direction, rules.and(tapRelu())))),
              change.agreeing() + " of " + change.records(),
              change.rightAfter().orElseThrow() + " of " + change.records(),
              String.format(Locale.ROOT, "%.4f", change.maxDifference()));
        }
      }
    }
    table.print(out);
  }

  private static ThresholdRule rule(double threshold) {
    return new ThresholdRule(RELU, threshold, false, false, false);
  }

  private static Rules tapRelu() {
    return new Rules(List.of(), List.of(), List.of(RELU), Map.of());
  }

  private static double reluSparsity(Profile profile) {
    return profile.models().get(0).runTaps().stream()
        .map(TapProfile::counts)
        .reduce(Counts.NONE, Counts::plus)
        .sparsity();
  }

  private Profile profile(Path model, Rules rules) {
    try (ModelFile source = ModelFile.open(model);
        DataSource data = pictures(source)) {
      var options = new OfflineProfiler.Options(1, OptionalLong.empty(), false);
      return new OfflineProfiler(source, rules, options).run(data, Progress.NONE);
    }
  }

  private DataSource pictures(ModelFile model) {
    Path watched = folder.resolve("watched");
    String spec =
        "npy:" + watched.resolve("pictures.npy") + "," + watched.resolve("upside-down.npy");
    return DataSpec.parse(spec).open(InputSpec.of(model), DataOptions.NONE);
  }

  private static boolean sameCounts(Profile offline, Profile live) {
    ModelProfile expected = offline.models().get(0);
    return live.models().stream()
        .filter(model -> model.sha256().equals(expected.sha256()))
        .anyMatch(model -> model.runTaps().equals(expected.runTaps()));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static Path freshFolder(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }
}
