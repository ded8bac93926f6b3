package io.sparsescope.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.experiments.train.series.SeriesRecorder;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTablesTest {
  @TempDir Path folder;

  private ReportFile sweep(String name, String net, SweepRun... runs) {
    Path file = folder.resolve(name);
    new SweepResult(net, "gradient-threshold", 0.8, List.of(runs)).writeTo(file);
    return ReportFile.read(file.toString());
  }

  private static SweepRun run(double value, Double relative, Double sparsity) {
    return new SweepRun(value, 0.5, relative, sparsity, 10, "x.json");
  }

  @Test
  void sweepsStandSideBySideByThreshold() {
    ReportTable table =
        TrainingTables.sweeps(
            List.of(
                sweep("a.json", "lenet", run(0, 1.0, 0.01), run(1e-3, 0.99, 0.97)),
                sweep("b.json", "cifarnet", run(0, 1.0, 0.02), run(1e-4, 0.98, null))),
            false);
    assertThat(table.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly(
            "relative accuracy lenet",
            "relative accuracy cifarnet",
            "gradient sparsity lenet",
            "gradient sparsity cifarnet");
    assertThat(table.rows())
        .extracting(r -> r.name() + " " + r.values())
        .containsExactly(
            "0 [1.0, 1.0, 0.01, 0.02]",
            "1.0E-4 [null, 0.98, null, null]",
            "0.001 [0.99, null, 0.97, null]");
    assertThat(TableFormat.TEXT.write(List.of(table))).contains("0.970").contains("1.0E-4");
    assertThat(TableFormat.CSV.write(List.of(table)))
        .contains("threshold,relative accuracy lenet,")
        .contains("\n0.001,0.99,,0.97,\n");
    assertThat(TableFormat.MARKDOWN.write(List.of(table))).contains("| 0.001 |");
    assertThat(TableFormat.LATEX.write(List.of(table))).contains("0.001 &");
  }

  private ReportFile series() {
    SeriesRecorder recorder =
        new SeriesRecorder(
            List.of(
                new CountedGradient("conv1/weights", "conv1", "body", 10, 4),
                new CountedGradient("fc/weights", "fc", "", 30, 4)),
            1,
            100);
    for (int step = 1; step <= 7; step++) {
      recorder.record(step, 1, new long[] {step, 3 * step}, new long[] {0, 0});
    }
    recorder.recordAccuracy(7, 0.987);
    Path file = folder.resolve("s.json");
    recorder.series("lenet", Map.of()).writeTo(file);
    return ReportFile.read("L2=" + file);
  }

  @Test
  void aSeriesShowsEvenStepsAndTheLast() {
    ReportTable table = TrainingTables.series(series(), By.LAYER, 3);
    assertThat(table.caption())
        .isEqualTo(
            "L2: gradient sparsity by layer over the steps of training. Accuracy at the end:"
                + " 98.70 %.");
    assertThat(table.columns())
        .extracting(ReportTable.Column::title)
        .containsExactly("conv1", "fc", "total");
    assertThat(table.rows())
        .extracting(r -> r.name() + " " + r.values())
        .containsExactly("2 [0.2, 0.2, 0.2]", "4 [0.4, 0.4, 0.4]", "7 [0.7, 0.7, 0.7]");
    assertThat(TrainingTables.series(series(), By.LAYER, 100).rows()).hasSize(7);
    assertThat(TrainingTables.series(series(), By.BLOCK, 1).columns())
        .extracting(ReportTable.Column::title)
        .containsExactly("body", "total");
  }

  @Test
  void aDamagedFileIsToldBeforeAnythingIsPrinted() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("x.json"), "{\"format\": \"sparsescope-sweep\", \"version\": 9}");
    ReportFile sweep = ReportFile.read(file.toString());
    assertThatThrownBy(() -> sweep.check(Optional.empty()))
        .isInstanceOf(ExperimentException.class)
        .hasMessage(
            file
                + ": a sweep of version 9, but this Sparsescope reads up to 1; use a newer"
                + " Sparsescope");
  }
}
