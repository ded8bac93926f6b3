package io.sparsescope.agent.export;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.Listen;
import io.sparsescope.agent.history.HistorySampler;
import io.sparsescope.agent.session.Journal;
import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.net.URI;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Shows and sends what the options ask for, from the moment on when the application is seen to use
 * ONNX Runtime: a JVM that never does opens no port, and the application has set up its logging and
 * networking by then. Safe for use by many threads.
 */
public final class Exports implements AutoCloseable {
  private final AgentOptions options;
  private final Supplier<Profile> profile;
  private final Function<Profile, Optional<Drift>> drift;
  private final Journal journal;

  /** Guarded by this; closed stands for begun too. */
  private boolean begun;

  private boolean closed;
  private volatile HistorySampler history;
  private MetricsServer server;
  private OtlpSender sender;
  private volatile String metricsAddress = "";

  /**
   * Opens nothing yet.
   *
   * @param profile everything counted, as of now
   * @param drift how far a profile is from the reference, empty if there is none
   */
  public Exports(
      AgentOptions options,
      Supplier<Profile> profile,
      Function<Profile, Optional<Drift>> drift,
      Journal journal) {
    this.options = options;
    this.profile = profile;
    this.drift = drift;
    this.journal = journal;
  }

  /**
   * Begins, unless it has begun. Returns at once and never throws: it is called while the
   * application loads classes, and the work is done on another thread.
   */
  public void begin() {
    synchronized (this) {
      if (begun || closed) {
        return;
      }
      begun = true;
    }
    try {
      Daemons.of("sparsescope-export", this::open).start();
    } catch (Throwable t) {
      journal.failed("starting the metrics", t);
    }
  }

  /** HOST:PORT where metrics are served, "" while they are not. */
  public String metricsAddress() {
    return metricsAddress;
  }

  @Override
  public synchronized void close() {
    closed = true;
    closeHistory();
    if (server != null) {
      server.close();
      server = null;
      metricsAddress = "";
    }
    if (sender != null) {
      sender.close();
      sender = null;
    }
  }

  private synchronized void open() {
    if (!closed) {
      options.metrics().ifPresent(this::serve);
      options.otlp().ifPresent(this::send);
    }
  }

  private void serve(Listen listen) {
    String what =
        "metrics are not served at "
            + listen.host()
            + ":"
            + listen.port()
            + " (name another address with metrics=HOST:PORT)";
    try {
      requireModule(MetricsServer.MODULE);
      history = HistorySampler.start(profile, t -> journal.failed("sampling for the history", t));
      server = MetricsServer.start(listen, Routes.of(profile, this::series, drift), journal);
      metricsAddress = server.address();
      journal.info("metrics are served at http://" + metricsAddress + "/metrics");
    } catch (Throwable t) {
      closeHistory();
      journal.failed(what, t);
    }
  }

  private byte[] series(String query) {
    HistorySampler sampler = history;
    return sampler == null ? null : sampler.toJson(options.reference().isPresent(), query);
  }

  private void closeHistory() {
    if (history != null) {
      history.close();
      history = null;
    }
  }

  private void send(URI endpoint) {
    try {
      requireModule(OtlpSender.MODULE);
      sender =
          OtlpSender.start(
              endpoint, options.interval(), ProcessAttributes.current(), this::totals, journal);
      journal.info("metrics are sent to " + sender.destination());
    } catch (Throwable t) {
      journal.failed("metrics are not sent (option otlp)", t);
    }
  }

  private LiveTotals totals() {
    Profile now = profile.get();
    return LiveTotals.of(now, drift.apply(now));
  }

  private static void requireModule(String module) {
    if (ModuleLayer.boot().findModule(module).isEmpty()) {
      throw new IllegalStateException(
          "this Java runtime runs without the module "
              + module
              + "; start it with --add-modules "
              + module);
    }
  }
}
