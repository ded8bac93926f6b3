package io.sparsescope.experiments.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.page.PageData.Drawn;
import io.sparsescope.experiments.page.PageData.Profiled;
import io.sparsescope.experiments.page.PageData.Searched;
import io.sparsescope.experiments.page.PageData.Source;
import io.sparsescope.experiments.page.PageData.Swept;
import io.sparsescope.experiments.page.PageData.Table;
import io.sparsescope.experiments.page.PageData.Trained;
import io.sparsescope.experiments.report.Net;
import io.sparsescope.experiments.report.PaperTables;
import io.sparsescope.experiments.report.Report;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.experiments.report.ReportTable;
import io.sparsescope.experiments.report.TrainingTables;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what profiles, search results and training series tell as one HTML page. It opens from
 * disk, holds all that it needs, and asks nothing of the network.
 */
public final class ReportPage {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

  private final List<ReportFile> files;
  private final Optional<By> by;
  private final int numbers;
  private final List<Profiled> profiles = new ArrayList<>();
  private final List<Searched> searches = new ArrayList<>();
  private final List<Trained> series = new ArrayList<>();
  private final List<Swept> sweeps = new ArrayList<>();

  private ReportPage(List<ReportFile> files, Optional<By> by, int numbers) {
    this.files = files;
    this.by = by;
    this.numbers = numbers;
  }

  /**
   * Writes the page: beside the target, then moved into place.
   *
   * @param files what it shows
   * @param by what the tables' rows are; empty as in {@link Report#of}
   * @param model a model file that the profiles are of, for its graph
   * @throws ExperimentException if a file is damaged, no profile is of the model, or the page
   *     cannot be written
   * @throws io.sparsescope.profile.ProfileException if a profile is damaged
   * @throws io.sparsescope.onnx.OnnxException if the model is
   */
  public static void write(
      List<ReportFile> files, Optional<By> by, Optional<Path> model, Path out) {
    PageData data = new ReportPage(files, by, SeriesPoints.ON_A_PAGE).data(model);
    TextFile.write(Template.page(data.title(), json(data)), out, "page");
  }

  /** The page's data for pictures, without graphs of models. */
  static String forPictures(List<ReportFile> files, Optional<By> by) {
    return json(new ReportPage(files, by, SeriesPoints.IN_A_PICTURE).data(Optional.empty()));
  }

  private static String json(PageData data) {
    try {
      return MAPPER.writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new ExperimentException("the page's data cannot be written as JSON", e);
    }
  }

  private PageData data(Optional<Path> model) {
    files.forEach(this::add);
    List<Drawn> graphs = model.map(this::graphs).orElseGet(this::chains);
    List<Source> sources =
        files.stream().map(f -> new Source(f.file().toString(), f.what())).toList();
    return new PageData(
        title(),
        sources,
        PageFindings.of(profiles, searches, series, graphs),
        tables(),
        profiles,
        searches,
        series,
        sweeps,
        graphs);
  }

  private void add(ReportFile file) {
    if (file.isProfile()) {
      add(file, file.profile());
    } else if (file.isSeries()) {
      series.add(SeriesPoints.of(file.title(), file.series(), numbers));
    } else if (file.isSweep()) {
      SweepResult sweep = file.sweep();
      sweeps.add(new Swept(file.title(), sweep, PaperPoints.of(sweep)));
    }
    file.search()
        .ifPresent(
            result -> searches.add(new Searched(file.title(), result, PaperPoints.of(result))));
  }

  private void add(ReportFile file, Profile profile) {
    for (ModelProfile model : profile.models()) {
      String arm = model.arm().isEmpty() ? "" : ", arm " + model.arm();
      String label =
          profile.models().size() == 1 ? file.title() : file.title() + ": " + model.name() + arm;
      profiles.add(new Profiled(label, model, patterns(model), PaperPoints.of(model)));
    }
  }

  private static Map<String, String> patterns(ModelProfile model) {
    Map<String, String> patterns = new LinkedHashMap<>();
    for (TapProfile tap : model.taps()) {
      if (!tap.layer().isEmpty()) {
        patterns.computeIfAbsent(tap.layer(), LayerPattern::of);
      }
    }
    return patterns;
  }

  private String title() {
    return Stream.of(
            profiles.stream().map(p -> p.model().name()),
            searches.stream().map(s -> s.result().model()),
            series.stream().map(Trained::net),
            sweeps.stream().map(s -> s.result().net()))
        .flatMap(names -> names)
        .filter(name -> !name.isEmpty())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * Files of one model joined where they tell of different things. Where two tell of the same, they
   * stand side by side under their names; where that cannot be either, each has tables of its own.
   */
  private List<Table> tables() {
    List<Table> all = new ArrayList<>();
    List<ReportFile> counted =
        files.stream().filter(f -> f.isProfile() || f.search().isPresent()).toList();
    if (!counted.isEmpty()) {
      all.addAll(
          joined(counted)
              .or(() -> joined(counted.stream().map(ReportFile::labelledByTitle).toList()))
              .orElseGet(() -> apart(counted)));
    }
    List<ReportFile> swept = files.stream().filter(ReportFile::isSweep).toList();
    if (!swept.isEmpty()) {
      all.add(Table.of(TrainingTables.sweeps(swept, true)));
    }
    return all;
  }

  private List<Table> apart(List<ReportFile> counted) {
    return counted.stream().flatMap(f -> together(List.of(f)).stream()).toList();
  }

  private Optional<List<Table>> joined(List<ReportFile> counted) {
    try {
      return Optional.of(together(counted));
    } catch (ExperimentException e) {
      return Optional.empty();
    }
  }

  private List<Table> together(List<ReportFile> counted) {
    Report report = Report.of(counted, by);
    List<ReportTable> all = new ArrayList<>(PaperTables.sparsity(report, true));
    if (by.isEmpty()) {
      all.addAll(PaperTables.sparsity(asInThePaper(report, counted), true));
    }
    all.add(PaperTables.totals(report, true));
    return all.stream().map(Table::of).toList();
  }

  /** The paper's nets whose tables have a row a block, by block. */
  private static Report asInThePaper(Report report, List<ReportFile> counted) {
    Set<String> missing =
        report.nets().stream()
            .filter(net -> net.paper().isPresent() && net.paperByRow().isEmpty())
            .map(Net::name)
            .collect(Collectors.toSet());
    return missing.isEmpty()
        ? new Report(List.of())
        : new Report(
            Report.of(counted, Optional.of(By.BLOCK)).nets().stream()
                .filter(net -> missing.contains(net.name()) && net.paperByRow().isPresent())
                .toList());
  }

  private List<Drawn> chains() {
    List<Drawn> graphs = new ArrayList<>();
    for (int i = 0; i < profiles.size(); i++) {
      Profiled profiled = profiles.get(i);
      LayerGraph graph = ProfileGraph.of(profiled.model(), profiled.label(), i);
      if (!graph.vertices().isEmpty()) {
        graphs.add(new Drawn(graph, graph.cuts()));
      }
    }
    return graphs;
  }

  /** The model with the sparsities of each profile that is of it. */
  private List<Drawn> graphs(Path path) {
    try (ModelFile model = ModelFile.open(path)) {
      List<Drawn> graphs = new ArrayList<>();
      for (int i = 0; i < profiles.size(); i++) {
        ModelProfile profile = profiles.get(i).model();
        if (isOf(profile, model)) {
          graphs.add(drawn(model, profiles.get(i).label(), profile.taps(), i));
        }
      }
      if (graphs.isEmpty() && !profiles.isEmpty()) {
        throw new ExperimentException(
            path
                + ": none of the profiles is of this model (no tensor that they count is in it);"
                + " give the model that was profiled, or leave --model out");
      }
      return graphs.isEmpty() ? List.of(drawn(model, model.name(), List.of(), -1)) : graphs;
    }
  }

  private static Drawn drawn(ModelFile model, String name, List<TapProfile> taps, int profile) {
    LayerGraph graph = ModelGraph.of(model, name, taps, profile);
    return new Drawn(graph, graph.cuts());
  }

  /** By its tensors, since its SHA-256 takes reading all of a large file. */
  private static boolean isOf(ModelProfile profile, ModelFile model) {
    Set<String> counted =
        profile.runTaps().stream().map(TapProfile::tensor).collect(Collectors.toSet());
    return model.graph().nodes().stream()
            .flatMap(node -> node.proto().getOutputList().stream())
            .anyMatch(counted::contains)
        || profile.sha256().equals(model.sha256());
  }
}
