package io.sparsescope.agent.export;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.BatchCallback;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.api.metrics.ObservableMeasurement;
import io.sparsescope.agent.session.Journal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The metrics as OpenTelemetry's asynchronous instruments, which all read the same profile at a
 * collection.
 */
final class OtlpMetrics {
  private static final String PREFIX = "sparsescope.";

  private final Supplier<LiveTotals> totals;
  private final Journal journal;
  private final Map<Metric, ObservableMeasurement> instruments = new EnumMap<>(Metric.class);

  private OtlpMetrics(Meter meter, Supplier<LiveTotals> totals, Journal journal) {
    this.totals = totals;
    this.journal = journal;
    for (Metric metric : Metric.values()) {
      instruments.put(metric, instrument(meter, metric));
    }
  }

  /** Makes the instruments and lets them be observed until the result is closed. */
  static BatchCallback register(Meter meter, Supplier<LiveTotals> totals, Journal journal) {
    OtlpMetrics metrics = new OtlpMetrics(meter, totals, journal);
    List<ObservableMeasurement> all = new ArrayList<>(metrics.instruments.values());
    return meter.batchCallback(
        metrics::observe,
        all.get(0),
        all.subList(1, all.size()).toArray(ObservableMeasurement[]::new));
  }

  private static ObservableMeasurement instrument(Meter meter, Metric metric) {
    String name = PREFIX + metric.words();
    return switch (metric.kind()) {
      case COUNT ->
          meter
              .counterBuilder(name)
              .setUnit(metric.unit())
              .setDescription(metric.help())
              .buildObserver();
      case SECONDS ->
          meter
              .counterBuilder(name)
              .ofDoubles()
              .setUnit(metric.unit())
              .setDescription(metric.help())
              .buildObserver();
      case GAUGE, INFO ->
          meter
              .gaugeBuilder(name)
              .setUnit(metric.unit())
              .setDescription(metric.help())
              .buildObserver();
    };
  }

  private void observe() {
    try {
      LiveTotals now = totals.get();
      instruments.forEach(
          (metric, instrument) ->
              metric.points(now).forEach(point -> observe(metric, instrument, point)));
    } catch (Throwable t) {
      journal.failed("collecting metrics to send", t);
    }
  }

  /** The SDK's instruments are of both types; only one of them is allowed. */
  private static void observe(Metric metric, ObservableMeasurement instrument, Point point) {
    Attributes attributes = attributes(point.labels());
    if (metric.kind() == Metric.Kind.COUNT) {
      ((ObservableLongMeasurement) instrument).record(point.value().longValue(), attributes);
    } else {
      ((ObservableDoubleMeasurement) instrument).record(point.value().doubleValue(), attributes);
    }
  }

  private static Attributes attributes(LabelSet labels) {
    AttributesBuilder attributes = Attributes.builder();
    labels.values().forEach(attributes::put);
    return attributes.build();
  }
}
