package io.sparsescope.cli;

import io.sparsescope.profile.Drift;
import io.sparsescope.profile.ModelDrift;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapDrift;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "drift",
    description = "Tells how far the sparsity of each layer is from where a reference had it.",
    mixinStandardHelpOptions = true)
final class DriftCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "REFERENCE", description = "Profile of before (JSON).")
  private Path reference;

  @Parameters(index = "1", paramLabel = "LIVE", description = "Profile to compare with it (JSON).")
  private Path live;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Drift drift = Drift.between(Profile.read(reference), Profile.read(live));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(drift.toJson());
      return 0;
    }
    drift.models().forEach(model -> print(model, out));
    printNames("only in " + reference, drift.onlyInReference(), out);
    printNames("only in " + live, drift.onlyInLive(), out);
    return 0;
  }

  private static void print(ModelDrift model, PrintWriter out) {
    out.println(
        model.name()
            + (model.arm().isEmpty() ? "" : ", arm " + model.arm())
            + (model.note().isEmpty() ? "" : " (" + model.note() + ")"));
    if (!model.taps().isEmpty()) {
      Table table = new Table("layer", "tensor", "reference", "live", "distance", "deviations");
      for (TapDrift tap : model.taps()) {
        table.row(
            tap.layer(),
            tap.tensor(),
            number(tap.reference()),
            number(tap.live()),
            number(tap.distance()),
            tap.deviations() == null ? "-" : String.format(Locale.ROOT, "%.1f", tap.deviations()));
      }
      table.print(out);
      out.println(
          "mean distance "
              + number(model.meanDistance())
              + ", largest "
              + number(model.maxDistance()));
    }
    printNames("counted in the reference only", model.onlyInReference(), out);
    printNames("counted now only", model.onlyInLive(), out);
  }

  private static void printNames(String what, List<String> names, PrintWriter out) {
    if (!names.isEmpty()) {
      out.println(what + ": " + String.join(", ", names));
    }
  }

  private static String number(double fraction) {
    return String.format(Locale.ROOT, "%.4f", fraction);
  }
}
