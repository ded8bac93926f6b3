package io.sparsescope.agent.session;

import io.sparsescope.agent.config.AgentOptions;
import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.sampling.Samplers;
import java.util.function.LongSupplier;

/**
 * Which runs are counted, and where.
 *
 * @param mode where
 * @param all whether every run is
 * @param samplers which
 * @param queue how many runs may wait to be done again
 */
record Plan(Mode mode, boolean all, Samplers samplers, int queue) {

  /**
   * @param clock nanoseconds, never going back
   */
  static Plan of(AgentOptions options, LongSupplier clock) {
    return new Plan(
        options.mode(),
        options.sample().isAll(),
        Samplers.of(options.sample(), clock),
        options.queue());
  }

  /** Whether there is a session of ours beside the application's. */
  boolean two() {
    return mode == Mode.SHADOW || !all;
  }
}
