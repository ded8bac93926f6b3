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
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "drift",
    description =
        "Tells how far the sparsity of each layer is from where a reference had it, and which"
            + " channels died or revived where both profiles counted channels.",
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
      boolean channels = model.taps().stream().anyMatch(tap -> tap.deadChannels() != null);
      List<String> heading =
          List.of("layer", "tensor", "reference", "live", "distance", "deviations");
      Table table = new Table(columns(heading, channels, "dead", "newly dead", "revived"));
      for (TapDrift tap : model.taps()) {
        List<String> cells =
            List.of(
                tap.layer(),
                tap.tensor(),
                number(tap.reference()),
                number(tap.live()),
                number(tap.distance()),
                tap.deviations() == null
                    ? "-"
                    : String.format(Locale.ROOT, "%.1f", tap.deviations()));
        table.row(
            columns(
                cells,
                channels,
                tap.deadChannels() == null ? "-" : tap.deadChannels().toString(),
                size(tap.newlyDead()),
                size(tap.revived())));
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

  private static String[] columns(List<String> first, boolean channels, String... more) {
    Stream<String> others = channels ? Stream.of(more) : Stream.empty();
    return Stream.concat(first.stream(), others).toArray(String[]::new);
  }

  private static String size(List<Integer> channels) {
    return channels == null ? "-" : Integer.toString(channels.size());
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
