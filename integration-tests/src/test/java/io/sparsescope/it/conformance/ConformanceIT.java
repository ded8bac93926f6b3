package io.sparsescope.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.it.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformanceIT {
  private static final int WORKERS = 2;
  private static final String PASSED = "models that plain ONNX Runtime loads and passes";

  @TempDir Path temporary;

  @Test
  void backendSuiteComputesAndCountsTheSame() throws Exception {
    List<Case> cases = new ArrayList<>();
    for (Path group : Repository.backendSuite()) {
      cases.addAll(Case.ofSuite(group));
    }
    assumeTrue(!cases.isEmpty(), "package libonnx-testdata is absent");

    ConformanceReport report = tryAll(cases, "ONNX's backend suite");

    assertThat(report.failures()).isEmpty();
    assertThat(report.tally(PASSED)).isGreaterThan(900);
    assertThat(report.tally("all taps and thresholds: models with taps")).isGreaterThan(800);
    assertThat(taps(report, "all taps and thresholds")).isGreaterThan(1000);
    assertThat(report.tally("all taps and thresholds: thresholds")).isGreaterThan(700);
  }

  @Test
  void sharedModelsComputeAndCountTheSame() throws Exception {
    Optional<Path> folder = Repository.shared("models");
    assumeTrue(folder.isPresent(), "../shared is absent");

    ConformanceReport report = tryAll(Case.ofModels(folder.get()), "models of ../shared");

    assertThat(report.failures()).isEmpty();
    assertThat(report.tally(PASSED)).isEqualTo(8);
    assertThat(taps(report, "layer taps")).isGreaterThan(300);
    assertThat(taps(report, "all taps and thresholds")).isGreaterThan(1000);
    assertThat(report.tally("all taps and thresholds: thresholds")).isGreaterThan(1000);
  }

  private static long taps(ConformanceReport report, String variant) {
    return report.tally(variant + ": taps compared, counted in graph")
        + report.tally(variant + ": taps compared, counted in Java");
  }

  private ConformanceReport tryAll(List<Case> cases, String title) throws Exception {
    ConformanceReport report = new ConformanceReport();
    Queue<Case> queue = new ConcurrentLinkedQueue<>(cases);
    long start = System.nanoTime();
    ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        Check check = new Check(report, Files.createDirectory(temporary.resolve("worker" + i)));
        running.add(workers.submit(() -> drain(queue, check)));
      }
      for (Future<?> worker : running) {
        worker.get();
      }
    } finally {
      workers.shutdownNow();
    }
    String text = report.text(title);
    System.out.printf("%s  %.0f s%n", text, (System.nanoTime() - start) / 1e9);
    return report;
  }

  private static void drain(Queue<Case> queue, Check check) {
    for (Case next = queue.poll(); next != null; next = queue.poll()) {
      check.tryCase(next);
    }
  }
}
