package io.sparsescope.agent.export;

import io.opentelemetry.exporter.internal.FailedExportException;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import java.util.Collection;
import java.util.function.Consumer;

/** An exporter whose failures are heard of. */
final class WatchedExporter implements MetricExporter {
  private final MetricExporter exporter;
  private final Consumer<Throwable> failed;

  /**
   * @param failed hears of every batch that was not sent
   */
  WatchedExporter(MetricExporter exporter, Consumer<Throwable> failed) {
    this.exporter = exporter;
    this.failed = failed;
  }

  @Override
  public CompletableResultCode export(Collection<MetricData> metrics) {
    CompletableResultCode result = exporter.export(metrics);
    return result.whenComplete(
        () -> {
          if (!result.isSuccess()) {
            failed.accept(cause(result.getFailureThrowable()));
          }
        });
  }

  private static Throwable cause(Throwable failure) {
    if (failure == null) {
      return new IllegalStateException("not accepted");
    }
    if (failure instanceof FailedExportException.HttpExportException answered
        && answered.getResponse() != null) {
      return new IllegalStateException("HTTP status " + answered.getResponse().getStatusCode());
    }
    return failure.getCause() == null ? failure : failure.getCause();
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }

  @Override
  public AggregationTemporality getAggregationTemporality(InstrumentType type) {
    return exporter.getAggregationTemporality(type);
  }

  @Override
  public Aggregation getDefaultAggregation(InstrumentType type) {
    return exporter.getDefaultAggregation(type);
  }

  @Override
  public MemoryMode getMemoryMode() {
    return exporter.getMemoryMode();
  }
}
