package io.sparsescope.cli;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.page.ReportPage;
import io.sparsescope.experiments.page.ReportPictures;
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
            + " sparsity by step. Or makes one HTML page of them all: findings, graph, tables, plots,"
            + " comparison. Or pictures of the page's plots.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Files of one model are put together: weights come from a search before a profile. Results of",
      "one net stand side by side; name them where their models do not tell: L2=a.json L1=b.json,",
      "or with the net: LeNet/L2=a.json LeNet/L1=b.json CifarNet/L2=c.json.",
      "",
      "A page (-o REPORT.html) opens from disk and asks nothing of the network.",
      "",
      "Pictures (--svg DIR, --png DIR) are of every plot that the page would have, each named after",
      "what it shows; of more than two profiles, each is compared with the first. The graph of a",
      "model is on the page alone. PNG needs a font on the machine, SVG none."
    })
final class ReportCommand implements Callable<Integer> {
  private static final String HTML = "html";

  private static final Map<String, String> FORMAT_OF_FILE =
      Map.of("csv", "csv", "md", "markdown", "tex", "latex", "html", HTML, "htm", HTML);

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "[[NET/]LABEL=]FILE",
      description = "Profiles, search results, training series and sweeps (JSON).")
  private List<String> files;

  @Option(
      names = "--format",
      paramLabel = "text|csv|markdown|latex|html",
      description =
          "How it is written (by the name of OUT: .csv, .md, .tex, .html; else text). html is the"
              + " page.")
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
      names = "--paper",
      description =
          "The paper's values beside ours where the net is one of the paper's: its layers' names"
              + " and sizes tell. A page has them anyway.")
  private boolean paper;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "Steps of a training series that are shown (20; in CSV all).")
  private Integer points;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "For a page: the model's file, for its graph and where to cut it. Without it the graph is"
              + " the profile's layers one after another.")
  private Path model;

  @Option(
      names = "--svg",
      paramLabel = "DIR",
      description =
          "Writes each plot of the page into this folder as SVG; made if it is not there. Alone,"
              + " with --png, or beside what -o or --format asks for.")
  private Path svg;

  @Option(
      names = "--png",
      paramLabel = "DIR",
      description = "The same as PNG, 2000 pixels wide, on white.")
  private Path png;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      description = "A file to write instead of printing.")
  private Path out;

  @Override
  public Integer call() {
    Optional<By> rows =
        by == null ? Optional.empty() : Optional.of(choice("--by", by, By.values()));
    boolean pictures = svg != null || png != null;
    boolean text = !pictures || out != null || format != null;
    boolean page = text && written().equals(HTML);
    checkOptions(text, page);
    List<ReportFile> read = read(rows);
    if (read.size() < files.size()) {
      return 1;
    }
    if (page) {
      ReportPage.write(read, rows, Optional.ofNullable(model), out);
      spec.commandLine().getOut().println("wrote " + out);
    } else if (text) {
      writeTables(read, rows);
    }
    if (pictures) {
      ReportPictures.write(read, rows, Optional.ofNullable(svg), Optional.ofNullable(png))
          .forEach(file -> spec.commandLine().getOut().println("wrote " + file));
    }
    return 0;
  }

  private void checkOptions(boolean text, boolean page) {
    if (!text && (table != null || points != null || model != null)) {
      throw usage(
          "--table, --points, --model: are for tables and pages; pictures have all plots and steps");
    }
    if (page && out == null) {
      throw usage("--format html: name the page's file: -o REPORT.html");
    }
    if (page && (table != null || points != null)) {
      throw usage("--table, --points: a page has all tables and steps; leave them out");
    }
    if (text && !page) {
      if (model != null) {
        throw usage("--model: is for a page; write one: -o REPORT.html");
      }
      tables(tableFormat());
    }
  }

  private TableFormat tableFormat() {
    return choice("--format", written(), TableFormat.values());
  }

  private void writeTables(List<ReportFile> read, Optional<By> rows) {
    TableFormat written = tableFormat();
    String tables = tables(written);
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
  }

  private List<ReportTable> sparsityTables(
      List<ReportFile> read, Optional<By> rows, String tables) {
    List<ReportFile> files = read.stream().filter(f -> !f.isSeries() && !f.isSweep()).toList();
    if (files.isEmpty()) {
      return List.of();
    }
    Report report = Report.of(files, rows);
    List<ReportTable> all = new ArrayList<>();
    if (!tables.equals("totals")) {
      all.addAll(PaperTables.sparsity(report, paper));
    }
    if (!tables.equals("sparsity")) {
      all.add(PaperTables.totals(report, paper));
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
      all.add(TrainingTables.sweeps(sweeps, paper));
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

  /** What was asked for, or else what the output's name tells. */
  private String written() {
    if (format != null) {
      return format;
    }
    String name = out == null ? "" : out.toString().toLowerCase(Locale.ROOT);
    return FORMAT_OF_FILE.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "text");
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
    if (option.equals("--format")) {
      names.add(HTML);
    }
    throw usage(option + " '" + value + "': give " + String.join(", ", names));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
