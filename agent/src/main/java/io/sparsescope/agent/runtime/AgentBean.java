package io.sparsescope.agent.runtime;

import io.sparsescope.agent.config.OptionException;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.rewriter.RewriteException;
import java.util.function.Supplier;

/** Passes on what is asked through JMX. Its exceptions are of classes that every client has. */
final class AgentBean implements AgentMXBean {
  private static final double NANOS = 1e9;

  private final Control control;

  AgentBean(Control control) {
    this.control = control;
  }

  @Override
  public String getVersion() {
    return control.status().version();
  }

  @Override
  public String getOnnxRuntime() {
    return control.status().onnxruntime();
  }

  @Override
  public boolean isRunning() {
    return control.status().running();
  }

  @Override
  public long getFailures() {
    return control.status().failures();
  }

  @Override
  public int getModels() {
    return control.status().models();
  }

  @Override
  public long getRuns() {
    return control.status().runs();
  }

  @Override
  public long getSampledRuns() {
    return control.status().sampledRuns();
  }

  @Override
  public double getOverheadSeconds() {
    return control.status().cost().overheadNanos() / NANOS;
  }

  @Override
  public long getDrops() {
    return control.status().cost().drops();
  }

  @Override
  public String getMetricsAddress() {
    return control.status().metricsAddress();
  }

  @Override
  public Double getDriftDistance() {
    return control.drift().map(Drift::maxDistance).orElse(null);
  }

  @Override
  public String start(String options) {
    return told(() -> control.start(options));
  }

  @Override
  public String stop() {
    return told(control::stop);
  }

  @Override
  public String dump(String file) {
    return told(() -> control.dump(file).toString());
  }

  @Override
  public String profile() {
    return told(() -> control.profile().toJson());
  }

  @Override
  public String drift() {
    return told(() -> control.drift().map(Drift::toJson).orElse(""));
  }

  @Override
  public void reset() {
    control.reset();
  }

  @SuppressWarnings("UnusedException") // A client may not have the cause's class.
  private static String told(Supplier<String> operation) {
    try {
      return operation.get();
    } catch (OptionException | RewriteException e) {
      throw new IllegalArgumentException(e.getMessage());
    } catch (ProfileException e) {
      throw new IllegalStateException(e.getMessage());
    }
  }
}
