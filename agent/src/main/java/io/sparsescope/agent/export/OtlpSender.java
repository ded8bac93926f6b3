package io.sparsescope.agent.export;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.sparsescope.agent.session.Journal;
import io.sparsescope.agent.threads.Daemons;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Sends the metrics to a collector by OTLP (protobuf over HTTP): at every interval, and once more
 * when it is closed or the JVM ends. What a collector misses is not sent again, since totals are
 * sent. Reads nothing of the configuration that the application may have for an SDK of its own.
 */
final class OtlpSender implements AutoCloseable {
  /** The module that has the client. */
  static final String MODULE = "java.net.http";

  private static final String PATH = "/v1/metrics";
  private static final String SCOPE = "io.sparsescope";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final long END_SECONDS = 2;

  private final URI endpoint;
  private final Journal journal;
  private final ScheduledThreadPoolExecutor clock;
  private final ExecutorService client;
  private final SdkMeterProvider provider;
  private final Thread atExit;
  private volatile boolean givenUp;

  private OtlpSender(
      URI endpoint,
      Duration interval,
      Attributes resource,
      Supplier<LiveTotals> totals,
      Journal journal) {
    this.endpoint = endpoint;
    this.journal = journal;
    clock = new ScheduledThreadPoolExecutor(1, work -> Daemons.of("sparsescope-otlp", work));
    client =
        new ThreadPoolExecutor(
            0,
            1,
            TIMEOUT.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            work -> Daemons.of("sparsescope-otlp-http", work));
    provider =
        SdkMeterProvider.builder()
            .setResource(Resource.getDefault().merge(Resource.create(resource)))
            .registerMetricReader(
                PeriodicMetricReader.builder(exporter())
                    .setInterval(interval)
                    .setExecutor(clock)
                    .build(),
                // The number of series is bounded before they come here.
                type -> Integer.MAX_VALUE)
            .build();
    atExit = Daemons.of("sparsescope-otlp-exit", this::sendLast);
    OtlpMetrics.register(provider.get(SCOPE), totals, journal);
  }

  /**
   * Sends from now on.
   *
   * @param endpoint where to; without a path that is {@code /v1/metrics}
   * @param resource what tells this process from others
   */
  static OtlpSender start(
      URI endpoint,
      Duration interval,
      Attributes resource,
      Supplier<LiveTotals> totals,
      Journal journal) {
    OtlpSender sender = new OtlpSender(withPath(endpoint), interval, resource, totals, journal);
    Runtime.getRuntime().addShutdownHook(sender.atExit);
    return sender;
  }

  /** Where metrics go, without what may be secret in it. */
  String destination() {
    return destination(endpoint);
  }

  /** A URL without user and query. */
  static String destination(URI endpoint) {
    String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
    return endpoint.getScheme() + "://" + endpoint.getHost() + port + endpoint.getPath();
  }

  /** Ends within a few seconds, whatever the collector does. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM ends, the hook is at work.
      return;
    }
    sendLast();
  }

  private void sendLast() {
    try {
      provider.shutdown().join(END_SECONDS, TimeUnit.SECONDS);
    } catch (Throwable t) {
      journal.failed("sending the last metrics", t);
    } finally {
      givenUp = true;
      clock.shutdownNow();
      client.shutdownNow();
    }
  }

  private MetricExporter exporter() {
    return new WatchedExporter(
        OtlpHttpMetricExporter.builder()
            .setEndpoint(endpoint.toString())
            .setConnectTimeout(TIMEOUT)
            .setTimeout(TIMEOUT)
            .setRetryPolicy(null)
            .setMeterProvider(MeterProvider.noop())
            .setServiceClassLoader(OtlpSender.class.getClassLoader())
            .setExecutorService(client)
            .build(),
        this::failed);
  }

  private void failed(Throwable failure) {
    // What is interrupted at the end would be told as another failure than those before it.
    if (!givenUp) {
      journal.failed("metrics could not be sent to " + destination(), failure);
    }
  }

  private static URI withPath(URI endpoint) {
    String path = endpoint.getRawPath();
    return path == null || path.isEmpty() || path.equals("/") ? endpoint.resolve(PATH) : endpoint;
  }
}
