package io.sparsescope.cli;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.report.PaperTables;
import io.sparsescope.experiments.report.Report;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.experiments.report.ReportTable;
import io.sparsescope.experiments.report.TableFormat;
import io.sparsescope.experiments.report.TrainingTables;
import io.sparsescope.experiments.search.By;
import io.sparsescope.profile.ProfileException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    description =
        "Prints what profiles and search results tell as tables: sparsity of weights and"
            + " activations a layer or block, with the relative accuracy; total sparsity a net. Of"
            + " sweeps and training series: accuracy and gradient sparsity by threshold, gradient"
            + " sparsity by step.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Files of one model are put together: weights come from a search before a profile. Results of",
      "one net stand side by side; name them where their models do not tell: L2=a.json L1=b.json,",
      "or with the net: LeNet/L2=a.json LeNet/L1=b.json CifarNet/L2=c.json."
    })
final class ReportCommand implements Callable<Integer> {
  private static final Map<String, String> FORMAT_OF_FILE =
      Map.of("csv", "csv", "md", "markdown", "tex", "latex");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "[[NET/]LABEL=]FILE",
      description = "Profiles, search results, training series and sweeps (JSON).")
  private List<String> files;

  @Option(
      names = "--format",
      paramLabel = "text|csv|markdown|latex",
      description = "How tables are written (by the name of OUT: .csv, .md, .tex; else text).")
  private String format;

  @Option(
      names = "--table",
      paramLabel = "sparsity|totals|both",
      description =
          "sparsity: a row a layer or block; totals: a row a net; both (default, not in CSV, which"
              + " has sparsity alone).")
  private String table;

  @Option(
      names = "--by",
      paramLabel = "layer|block",
      description = "What has a row (layer; block where a search was by block).")
  private String by;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "Steps of a training series that are shown (20; in CSV all).")
  private Integer points;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "A file to write instead of printing.")
  private Path out;

  @Override
  public Integer call() {
    TableFormat written = format();
    String tables = tables(written);
    Optional<By> rows =
        by == null ? Optional.empty() : Optional.of(choice("--by", by, By.values()));
    List<ReportFile> read = read(rows);
    if (read.size() < files.size()) {
      return 1;
    }
    List<ReportTable> all = new ArrayList<>(sparsityTables(read, rows, tables));
    all.addAll(trainingTables(read, rows, written));
    if (written == TableFormat.CSV && tablesOfTwoKinds(read)) {
      throw usage("CSV has one kind of table: give profiles and searches, sweeps or series alone");
    }
    PrintWriter to = spec.commandLine().getOut();
    String text = written.write(all);
    if (out == null) {
      to.print(text);
      to.flush();
    } else {
      TextFile.write(text, out, "report");
      to.println("wrote " + out);
    }
    return 0;
  }

  private static List<ReportTable> sparsityTables(
      List<ReportFile> read, Optional<By> rows, String tables) {
    List<ReportFile> files = read.stream().filter(f -> !f.isSeries() && !f.isSweep()).toList();
    if (files.isEmpty()) {
      return List.of();
    }
    Report report = Report.of(files, rows);
    List<ReportTable> all = new ArrayList<>();
    if (!tables.equals("totals")) {
      all.addAll(PaperTables.sparsity(report));
    }
    if (!tables.equals("sparsity")) {
      all.add(PaperTables.totals(report));
    }
    return all;
  }

  private List<ReportTable> trainingTables(
      List<ReportFile> read, Optional<By> rows, TableFormat written) {
    int most = points != null ? points : written == TableFormat.CSV ? Integer.MAX_VALUE : 20;
    if (most < 1) {
      throw usage("--points " + points + ": give a number of at least 1");
    }
    List<ReportTable> all = new ArrayList<>();
    List<ReportFile> sweeps = read.stream().filter(ReportFile::isSweep).toList();
    if (!sweeps.isEmpty()) {
      all.add(TrainingTables.sweeps(sweeps));
    }
    read.stream()
        .filter(ReportFile::isSeries)
        .forEach(f -> all.add(TrainingTables.series(f, rows.orElse(By.LAYER), most)));
    return all;
  }

  private static boolean tablesOfTwoKinds(List<ReportFile> read) {
    return read.stream().map(f -> f.isSeries() ? 1 : f.isSweep() ? 2 : 3).distinct().count() > 1;
  }

  /** Every file that cannot be used is named, in a line of its own. */
  private List<ReportFile> read(Optional<By> rows) {
    List<ReportFile> read = new ArrayList<>();
    for (String file : files) {
      try {
        ReportFile one = ReportFile.read(file);
        one.check(rows);
        read.add(one);
      } catch (ExperimentException | ProfileException e) {
        spec.commandLine().getErr().println("sparsescope: " + e.getMessage());
      }
    }
    return read;
  }

  private TableFormat format() {
    if (format != null) {
      return choice("--format", format, TableFormat.values());
    }
    String name = out == null ? "" : out.toString().toLowerCase(Locale.ROOT);
    String byName = FORMAT_OF_FILE.get(name.substring(name.lastIndexOf('.') + 1));
    return byName == null ? TableFormat.TEXT : choice("--format", byName, TableFormat.values());
  }

  private String tables(TableFormat written) {
    if (table == null) {
      return written == TableFormat.CSV ? "sparsity" : "both";
    }
    if (!List.of("sparsity", "totals", "both").contains(table)) {
      throw usage("--table '" + table + "': give sparsity, totals or both");
    }
    if (table.equals("both") && written == TableFormat.CSV) {
      throw usage("--table both: CSV has one table; give sparsity or totals");
    }
    return table;
  }

  private <E extends Enum<E>> E choice(String option, String value, E[] choices) {
    List<String> names = new ArrayList<>();
    for (E choice : choices) {
      String name = choice.name().toLowerCase(Locale.ROOT);
      if (name.equals(value)) {
        return choice;
      }
      names.add(name);
    }
    throw usage(option + " '" + value + "': give " + String.join(", ", names));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
