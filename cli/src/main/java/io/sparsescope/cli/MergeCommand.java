package io.sparsescope.cli;

import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileTable;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "merge",
    description = "Adds profiles of several JVMs, machines or days up to one.",
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "PROFILE", description = "Profiles (JSON).")
  private List<Path> profiles;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "PROFILE.json",
      description = "The sum.")
  private Path out;

  @Override
  public Integer call() {
    Profile sum = Profile.merge(profiles.stream().map(Profile::read).toList());
    sum.writeTo(out);
    spec.commandLine()
        .getOut()
        .printf(
            "merged %d profiles of %d models into %s%n", profiles.size(), sum.models().size(), out);
    spec.commandLine().getOut().print(ProfileTable.render(sum, Terminal.width()));
    return 0;
  }
}
