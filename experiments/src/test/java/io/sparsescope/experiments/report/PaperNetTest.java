package io.sparsescope.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.OfflineProfiler;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaperNetTest {
  @TempDir Path folder;

  /** Eq. 5 over table 1 to 5 gives table 6, as far as the paper tells the nets' sizes. */
  @ParameterizedTest
  @CsvSource({"LeNet, .262, .502", "CifarNet, .185, .624", "AlexNet, .573,", "ResNet-50, .291,"})
  void rowsAddUpToTheTotals(String name, double l2, Double l1) {
    PaperNet net = named(name);
    assertThat(net.totalWeights().get(0)).isEqualTo(l2);
    assertThat(total(net, 0)).isCloseTo(l2, within(.0015));
    assertThat(net.labels()).hasSize(l1 == null ? 1 : 2);
    if (l1 != null) {
      assertThat(net.totalWeights().get(1)).isEqualTo(l1);
      assertThat(total(net, 1)).isCloseTo(l1, within(.0015));
    }
  }

  private static double total(PaperNet net, int label) {
    double zeros = 0;
    double elements = 0;
    for (PaperNet.Row row : net.rows()) {
      zeros += row.weightElements() * row.weights().get(label);
      elements += row.weightElements();
    }
    return zeros / elements;
  }

  /** The Zoo's own nets, run over two random records. */
  @ParameterizedTest
  @CsvSource({"LENET, LeNet", "CIFARNET, CifarNet", "RESNET14, ResNet-14"})
  void knowsANetByItsLayersAndTheirSizes(Zoo zoo, String name) {
    ModelProfile profile = profile(zoo.build(1), "layer:*").models().get(0);

    assertThat(PaperNet.of(profile)).contains(named(name));
    assertThat(PaperNet.of(profile(zoo.build(1), "op:Relu").models().get(0)))
        .as("the last layer's activation may be missing")
        .contains(named(name));
  }

  @Test
  void knowsNoOtherNet() {
    ModelProfile lenet =
        profile(Zoo.LENET.build(Zoo.LENET.input(), 11, 1), "layer:*").models().get(0);
    assertThat(PaperNet.of(lenet)).as("one class more").isEmpty();
    List<LayerResult> layers = new ArrayList<>();
    for (PaperNet.Row row : named("LeNet").rows()) {
      layers.add(ReportTest.layer(row.name(), "", row.weightElements(), 1, 0));
    }
    SearchResult search = ReportTest.search("m", layers, 1, null);
    assertThat(PaperNet.of(search)).contains(named("LeNet"));
    layers.add(ReportTest.layer("fc5", "", 9, 1, 0));
    assertThat(PaperNet.of(ReportTest.search("m", layers, 1, null))).as("one layer more").isEmpty();
    layers.remove(4);
    layers.remove(1);
    assertThat(PaperNet.of(ReportTest.search("m", layers, 1, null))).as("one less").isEmpty();
    assertThat(PaperNet.of(ReportTest.search("m", List.of(), 1, null))).isEmpty();
    assertThat(PaperNet.of(new SweepResult("lenet.onnx", null, null, null))).isEmpty();
    assertThat(PaperNet.of(new SweepResult("lenet", "lr", null, null))).isEmpty();
  }

  @Test
  void itsValuesStandBesideOurs() {
    Report report = report(profile(Zoo.LENET.build(1), "layer:*"), Optional.empty());

    ReportTable table = PaperTables.sparsity(report, true).get(0);
    assertThat(table.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly(
            "weights ours",
            "weights paper L2",
            "weights paper L1",
            "activations ours",
            "activations paper L2",
            "activations paper L1");
    assertThat(table.rows().get(1).name()).isEqualTo("conv2");
    assertThat(table.rows().get(1).values().subList(1, 3)).containsExactly(.491, .505);
    assertThat(table.rows().get(1).values().subList(4, 6)).containsExactly(.528, .662);
    assertThat(table.caption())
        .contains("The paper (table 1, LeNet on MNIST): relative accuracy L2 99.8 %; L1 99.0 %.");
    ReportTable totals = PaperTables.totals(report, true);
    assertThat(totals.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly(
            "weights ours",
            "weights paper L2",
            "weights paper L1",
            "relative accuracy paper L2",
            "relative accuracy paper L1");
    assertThat(totals.rows().get(0).values()).containsExactly(0., .262, .502, .998, .99);
    assertThat(PaperTables.sparsity(report, false).get(0).columns()).hasSize(2);
  }

  /** Its rows are units. */
  @Test
  void residualNetsStandBesideItByBlock() {
    Profile profile = profile(Zoo.RESNET14.build(1), "layer:*");

    assertThat(report(profile, Optional.empty()).nets().get(0).paperByRow()).isEmpty();
    Report blocks = report(profile, Optional.of(By.BLOCK));
    List<ReportTable.Row> rows = PaperTables.sparsity(blocks, true).get(0).rows();
    assertThat(rows).extracting(ReportTable.Row::name).contains("conv1", "logits");
    assertThat(rows)
        .filteredOn(row -> row.name().equals("block2/unit_1"))
        .singleElement()
        .extracting(ReportTable.Row::values)
        .satisfies(
            values -> {
              assertThat(values.subList(1, 3)).containsExactly(.058, .313);
              assertThat(values.subList(4, 6)).containsExactly(.673, .699);
            });
  }

  @Test
  void whatIsToldOfFigureTwoStandsInItsTable() {
    Path file = folder.resolve("sweep.json");
    new SweepResult(
            "resnet50",
            null,
            .7,
            List.of(new SweepRun(0, .7, 1., .01, 10, ""), new SweepRun(1e-3, .6, .857, .9, 10, "")))
        .writeTo(file);
    ReportTable table = TrainingTables.sweeps(List.of(ReportFile.read(file.toString())), true);

    assertThat(table.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly(
            "relative accuracy resnet50",
            "relative accuracy paper ResNet-50",
            "gradient sparsity resnet50");
    assertThat(table.rows())
        .extracting(r -> r.name() + " " + r.values())
        .containsExactly(
            "0 [1.0, null, 0.01]", "1.0E-4 [null, 0.96, null]", "0.001 [0.857, null, 0.9]");
    assertThat(table.caption()).contains("It kept 80 % with 85 % of its gradients zero.");
  }

  private static PaperNet named(String name) {
    return PaperNet.all().stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow();
  }

  private static Profile profile(ModelBuilder builder, String tap) {
    Rules rules = new Rules(List.of(), List.of(), List.of(tap), Map.of());
    OfflineProfiler.Options options = new OfflineProfiler.Options(2, OptionalLong.of(2), false);
    try (ModelFile model = builder.toModel("m");
        DataSource data = DataSpec.parse("random:1").open(InputSpec.of(model), DataOptions.NONE)) {
      return new OfflineProfiler(model, rules, options).run(data, Progress.NONE);
    }
  }

  private Report report(Profile profile, Optional<By> by) {
    Path file = folder.resolve("profile.json");
    profile.writeTo(file);
    return Report.of(List.of(ReportFile.read(file.toString())), by);
  }
}
