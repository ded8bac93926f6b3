package io.sparsescope.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.search.Validation;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.WeightCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  /** The figures of the paper's table 1 and of LeNet in its table 6. */
  @Test
  void printsThePapersTablesFromSearchResultsAndProfiles() {
    Report report = report(lenet());
    assertThat(TableFormat.TEXT.write(PaperTables.sparsity(report, false)))
        .isEqualTo(
            """
            LeNet: sparsity of weights and activations by layer. Relative accuracy: L2 99.8 %; L1 99.0 %.

                   weights         activations
            layer       L2     L1           L2     L1
            conv1    0.142  0.289        0.717  0.513
            conv2    0.491  0.505        0.528  0.662
            fc3      0.258  0.502        0.661  0.593
            fc4      0.258  0.504        0.000  0.000
            """);
    ReportTable totals = PaperTables.totals(report, false);
    assertThat(totals.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly(
            "weights L2", "weights L1", "relative accuracy L2", "relative accuracy L1");
    // (142 + 491 + 258 + 258) / 4000, (289 + 505 + 502 + 504) / 4000.
    assertThat(totals.rows())
        .containsExactly(new ReportTable.Row("LeNet", List.of(0.28725, 0.45, 0.998, 0.99)));
  }

  @Test
  void writesMarkdownCsvAndLatex() {
    Report report = report(lenet());
    assertThat(TableFormat.MARKDOWN.write(PaperTables.sparsity(report, false)))
        .contains("| layer | weights L2 | weights L1 | activations L2 | activations L1 |\n")
        .contains("| --- | ---: | ---: | ---: | ---: |\n")
        .contains("| conv1 | 0.142 | 0.289 | 0.717 | 0.513 |\n");
    assertThat(TableFormat.CSV.write(PaperTables.sparsity(report, false)))
        .startsWith("net,layer,weights L2,weights L1,activations L2,activations L1\n")
        .contains("LeNet,conv1,0.142,0.289,0.717,0.513\n");
    assertThat(TableFormat.LATEX.write(PaperTables.sparsity(report, false)))
        .contains("\\begin{tabular}{lrrrr}\n")
        .contains(" & \\multicolumn{2}{c}{weights} & \\multicolumn{2}{c}{activations} \\\\\n")
        .contains("layer & L2 & L1 & L2 & L1 \\\\\n")
        .contains("conv1 & 0.142 & 0.289 & 0.717 & 0.513 \\\\\n")
        .contains("L2 99.8 \\%; L1 99.0 \\%.}");
  }

  @Test
  void oneResultHasNoLabelsAndSaysWhatItBeganWith() {
    List<LayerResult> layers = List.of(layer("a", "", 100, 80, 67), layer("b", "", 300, 300, 0));
    SearchResult result =
        search("net.onnx", layers, 1, new Validation(0.5, 5000, 0.8, 0.76, null, null));
    Report report = report(List.of(write("s.json", result.toJson())));
    ReportTable table = PaperTables.sparsity(report, false).get(0);
    assertThat(table.caption())
        .isEqualTo(
            "net.onnx: sparsity of weights and activations by layer. Relative accuracy: 100.0 %"
                + " (95.0 % on 5,000 records kept apart).");
    assertThat(table.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly("weights before", "weights", "activations");
    assertThat(table.rows().get(0).values()).containsExactly(0.67, 0.8, null);
    assertThat(PaperTables.totals(report, false).rows().get(0).values())
        .containsExactly(67 / 400.0, 380 / 400.0, 1.0);
  }

  /** Eq. 5 over a block's weights, each tensor once; of activations the last one. */
  @Test
  void blocksTakeThePlaceOfLayers() {
    Report report = report(List.of(write("p.json", profile("net.onnx", 0).toJson())), By.BLOCK);
    assertThat(PaperTables.sparsity(report, false).get(0).rows())
        .containsExactly(
            new ReportTable.Row("conv1", List.of(0.1, 0.5)),
            new ReportTable.Row("block1", List.of(8 / 40.0, 0.25)));
    List<LayerResult> layers =
        List.of(layer("c", "", 10, 1, 0), layer("x", "b", 10, 5, 0), layer("y", "b", 30, 3, 0));
    Report search =
        report(List.of(write("s.json", search("s", layers, 1, null).toJson())), By.BLOCK);
    List<Double> block = new ArrayList<>(List.of(8 / 40.0));
    block.add(null);
    assertThat(PaperTables.sparsity(search, false).get(0).rows())
        .extracting(ReportTable.Row::name)
        .containsExactly("c", "b");
    assertThat(PaperTables.sparsity(search, false).get(0).rows().get(1).values()).isEqualTo(block);
  }

  @Test
  void aSearchByBlockKnowsNoLayers() {
    String json =
        search("m", List.of(layer("b", "b", 10, 5, 0)), 1, null)
            .toJson()
            .replace("\"by\" : \"layer\"", "\"by\" : \"block\"");
    List<String> files = List.of(write("s.json", json));
    assertThat(report(files).nets().get(0).by()).isEqualTo(By.BLOCK);
    assertThatThrownBy(() -> report(files, By.LAYER))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("s.json: was searched by block and knows no layers");
  }

  @Test
  void searchGoesBeforeProfileAndUnlabelledFilesOfOneModelArePutTogether() {
    List<LayerResult> layers = List.of(layer("conv1", "", 10, 9, 1));
    List<String> files =
        List.of(
            write("p.json", profile("net.onnx", 0).toJson()),
            write("s.json", search("net.onnx", layers, 1, null).toJson()));
    Report report = report(files);
    assertThat(report.nets()).hasSize(1);
    assertThat(report.nets().get(0).variants()).hasSize(1);
    List<Net.Row> rows = report.nets().get(0).rows();
    assertThat(rows).extracting(Net.Row::name).containsExactly("conv1", "one", "two");
    assertThat(rows.get(0).units()).containsExactly(new Unit("conv1", 0.9, 0.1, 0.5));
    // Of the search's weights only what the search knows.
    assertThat(rows.get(2).units()).containsExactly(new Unit("two", null, null, 0.25));
  }

  @Test
  void twoFilesThatTellOfTheSameThingWantLabels() {
    String one = write("one.json", profile("net.onnx", 0).toJson());
    String two = write("two.json", profile("net.onnx", 1).toJson());
    assertThatThrownBy(() -> report(List.of(one, two)))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContainingAll("one.json and ", "two.json both tell of the weights", "L2=FILE");
    assertThat(report(List.of("L2=" + one, "L1=" + two)).nets()).hasSize(1);
    assertThat(report(List.of("A/L2=" + one, "B/L2=" + two)).nets())
        .extracting(Net::name)
        .containsExactly("A", "B");
  }

  @Test
  void netsOfOtherLayersHaveTablesOfTheirOwn() {
    String one = write("one.json", search("a", List.of(layer("x", "", 9, 1, 0)), 1, null).toJson());
    String two = write("two.json", search("b", List.of(layer("y", "", 9, 1, 0)), 1, null).toJson());
    assertThat(PaperTables.sparsity(report(List.of(one, two)), false)).hasSize(2);
    String both =
        write(
            "three.json",
            search("c", List.of(layer("x", "", 9, 1, 0), layer("z", "", 9, 1, 0)), 1, null)
                .toJson());
    Net net = report(List.of(one, both)).nets().get(0);
    assertThat(net.variants()).extracting(Variant::label).containsExactly("a", "c");
    assertThat(net.rows().get(1).units().get(0)).isEqualTo(Unit.unknown("z"));
  }

  @Test
  void saysInOneLineWhatIsWrongWithAFile() {
    String search = search("a", List.of(layer("x", "", 9, 1, 0)), 1, null).toJson();
    String profile = profile("net.onnx", 0).toJson();
    fails(search.substring(0, search.length() / 2), ExperimentException.class, "cut off");
    fails(profile.substring(0, profile.length() / 2), ProfileException.class, "cut off");
    fails(search.replace("\"version\" : 1", "\"version\" : 2"), ExperimentException.class, "newer");
    fails(profile.replace("\"version\" : 1,", "\"version\" : 2,"), ProfileException.class, "newer");
    fails(
        "",
        ExperimentException.class,
        "neither profile nor search result, training series or sweep (no \"format\")");
    fails("no", ExperimentException.class, "neither profile nor search result");
    fails("{\"format\": \"other\"}", ExperimentException.class, "(format other)");
    fails("[1]", ExperimentException.class, "neither profile nor search result");
    assertThatThrownBy(() -> ReportFile.read(folder.resolve("absent").toString()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no such file");
    assertThatThrownBy(() -> ReportFile.read(folder.toString()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void writesFilesWhole() throws IOException {
    Path out = folder.resolve("out.md");
    TextFile.write("one\n", out, "report");
    TextFile.write("two\n", out, "report");
    assertThat(out).hasContent("two\n");
    assertThatThrownBy(() -> TextFile.write("x", folder, "report"))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("is no regular file");
    assertThatThrownBy(() -> TextFile.write("x", folder.resolve("no/such"), "report"))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("no such folder");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(out);
    }
  }

  private void fails(String content, Class<? extends Exception> type, String part) {
    String file = write("bad.json", content);
    assertThatThrownBy(() -> report(List.of(file)))
        .isInstanceOf(type)
        .hasMessageStartingWith(file)
        .hasMessageContaining(part)
        .message()
        .doesNotContain("\n");
  }

  private List<String> lenet() {
    return List.of(
        "LeNet/L2=" + write("l2.json", lenet("l2.onnx", 0.998, 142, 491, 258, 258)),
        "LeNet/L2=" + write("l2a.json", activations("l2.onnx", 717, 528, 661, 0)),
        "LeNet/L1=" + write("l1a.json", activations("l1.onnx", 513, 662, 593, 0)),
        "LeNet/L1=" + write("l1.json", lenet("l1.onnx", 0.99, 289, 505, 502, 504)));
  }

  private static final List<String> LENET = List.of("conv1", "conv2", "fc3", "fc4");

  private static String lenet(String model, double relative, long... zeros) {
    List<LayerResult> layers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      layers.add(layer(LENET.get(i), "", 1000, zeros[i], 0));
    }
    return search(model, layers, relative, null).toJson();
  }

  private static String activations(String model, long... zeros) {
    List<TapInfo> taps = LENET.stream().map(l -> tap(l, l, "", TapKind.ACTIVATION)).toList();
    Counts[] counts = new Counts[4];
    for (int i = 0; i < 4; i++) {
      counts[i] = new Counts(1000, zeros[i], 0);
    }
    return profile(model, taps, counts, List.of(), Map.of()).toJson();
  }

  /** conv1, and a block of two layers that share a tensor and bring another. */
  private static Profile profile(String model, int more) {
    return profile(
        model,
        List.of(
            tap("t1", "conv1", "", TapKind.ACTIVATION),
            tap("t2", "one", "block1", TapKind.ACTIVATION),
            tap("t3", "two", "block1", TapKind.ACTIVATION)),
        new Counts[] {new Counts(2, 1, 0), new Counts(5, 5, 0), new Counts(4, 1, 0)},
        List.of(
            new WeightCounts(tap("c", "conv1", "", TapKind.WEIGHT), new Counts(10, 1 + more, 0)),
            new WeightCounts(tap("w", "one", "block1", TapKind.WEIGHT), new Counts(10, 5, 0)),
            new WeightCounts(tap("w", "two", "block1", TapKind.WEIGHT), new Counts(10, 5, 0)),
            new WeightCounts(tap("v", "two", "block1", TapKind.WEIGHT), new Counts(30, 3, 0))),
        Map.of("block1", List.of("one", "two")));
  }

  private static Profile profile(
      String model,
      List<TapInfo> taps,
      Counts[] counts,
      List<WeightCounts> weights,
      Map<String, List<String>> blocks) {
    ProfileRecorder recorder = new ProfileRecorder(new ModelInfo(model, "", "", 13), taps, blocks);
    recorder.run();
    recorder.record(counts);
    recorder.weights(weights);
    return new Profile(AgentInfo.of("", ""), List.of(recorder.snapshot()));
  }

  private static TapInfo tap(String tensor, String layer, String block, TapKind kind) {
    return new TapInfo(layer, "Conv", tensor, layer, block, kind, "float32");
  }

  static LayerResult layer(String name, String block, long elements, long zeros, long before) {
    return new LayerResult(name, block, 0.1, 0.1, elements, zeros, before, 1);
  }

  static SearchResult search(
      String model, List<LayerResult> layers, double relative, Validation validation) {
    return new SearchResult(
        model,
        "",
        "data",
        1000,
        "weights",
        "layer",
        "lt",
        "pow2:1:1e-5",
        "top-1",
        0,
        1,
        "report",
        1,
        relative,
        true,
        layers,
        null,
        List.of(),
        validation,
        null,
        List.of());
  }

  private String write(String name, String content) {
    try {
      return Files.writeString(folder.resolve(name), content).toString();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Report report(List<String> files) {
    return Report.of(files.stream().map(ReportFile::read).toList(), Optional.empty());
  }

  private static Report report(List<String> files, By by) {
    return Report.of(files.stream().map(ReportFile::read).toList(), Optional.of(by));
  }
}
