package io.sparsescope.agent.export;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The metrics as Prometheus reads them: OpenMetrics where the client asks for it, else the text
 * format. There is no registry: every scrape reads a profile of its own.
 */
final class PrometheusText {
  private static final String PREFIX = "sparsescope";

  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

  /**
   * @param accept what the client accepts, "" if it does not say
   */
  Answer write(LiveTotals totals, String accept) throws IOException {
    List<MetricSnapshot> snapshots = new ArrayList<>();
    for (Metric metric : Metric.values()) {
      List<Point> points = metric.points(totals);
      if (!points.isEmpty()) {
        snapshots.add(snapshot(metric, points));
      }
    }
    ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, new MetricSnapshots(snapshots), EscapingScheme.UNDERSCORE_ESCAPING);
    return new Answer(writer.getContentType(), out.toByteArray());
  }

  private static MetricSnapshot snapshot(Metric metric, List<Point> points) {
    MetricMetadata metadata = metadata(metric);
    return switch (metric.kind()) {
      case COUNT, SECONDS ->
          new CounterSnapshot(
              metadata,
              points.stream()
                  .map(p -> new CounterDataPointSnapshot(value(p), labels(p), null, 0L))
                  .toList());
      case GAUGE ->
          new GaugeSnapshot(
              metadata,
              points.stream()
                  .map(p -> new GaugeDataPointSnapshot(value(p), labels(p), null))
                  .toList());
      case INFO ->
          new InfoSnapshot(
              metadata, points.stream().map(p -> new InfoDataPointSnapshot(labels(p))).toList());
    };
  }

  /** The writers append {@code _total} to counters and {@code _info} to infos. */
  private static MetricMetadata metadata(Metric metric) {
    String name = PREFIX + "_" + metric.words().replace('.', '_');
    return switch (metric.kind()) {
      case SECONDS -> new MetricMetadata(name + "_seconds", metric.help(), Unit.SECONDS);
      case INFO -> new MetricMetadata(PREFIX, metric.help());
      default -> new MetricMetadata(name, metric.help());
    };
  }

  private static double value(Point point) {
    return point.value().doubleValue();
  }

  private static Labels labels(Point point) {
    return Labels.of(
        List.copyOf(point.labels().values().keySet()),
        List.copyOf(point.labels().values().values()));
  }
}
