package io.sparsescope.agent.runtime;

/**
 * The agent as people see it through JMX, under the name {@link #NAME}. Counts are those since the
 * start or the last reset. Operations that fail throw IllegalArgumentException or
 * IllegalStateException with one line that says what to do.
 */
public interface AgentMXBean {
  /** Its object name. */
  String NAME = "io.sparsescope:type=Agent";

  /** The agent's version, "" if unknown. */
  String getVersion();

  /** ONNX Runtime's version, "" as long as it is unknown. */
  String getOnnxRuntime();

  /** Whether models are instrumented. */
  boolean isRunning();

  /** How often something of ours failed, and the application went on without it. */
  long getFailures();

  /** Models seen. */
  int getModels();

  /** Runs of all models, counted or not. */
  long getRuns();

  /** Runs that were counted. */
  long getSampledRuns();

  /** What counting has cost, in seconds. */
  double getOverheadSeconds();

  /** Runs that were to be counted and were not, because the agent was busy. */
  long getDrops();

  /** HOST:PORT where metrics are served, "" for nowhere. */
  String getMetricsAddress();

  /** The largest distance of a tensor's sparsity from the reference; null without a reference. */
  Double getDriftDistance();

  /**
   * Instruments from now on.
   *
   * @param options as behind the {@code =} of {@code -javaagent}; empty for none
   * @return one line that says what was done
   */
  String start(String options);

  /**
   * Undoes the instrumentation.
   *
   * @return one line that says what was done
   */
  String stop();

  /**
   * Writes the profile now.
   *
   * @param file where to; empty for the file that the options name
   * @return the file that was written, absolute
   */
  String dump(String file);

  /** The profile as JSON, as it would be written. */
  String profile();

  /** How far the profile is from the reference, as JSON; "" without a reference. */
  String drift();

  /** Counts from nought again. */
  void reset();
}
