package io.sparsescope.agent.sampling;

import io.sparsescope.agent.config.Sampling;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Makes the samplers of all sessions; what they share belongs to it. */
public final class Samplers {
  private final Supplier<Policy> policies;

  private Samplers(Supplier<Policy> policies) {
    this.policies = policies;
  }

  /**
   * @param clock nanoseconds, never going back; windows begin now
   */
  public static Samplers of(Sampling sampling, LongSupplier clock) {
    if (sampling instanceof Sampling.Every every) {
      return new Samplers(() -> new EveryNth(every.n()));
    }
    Policy shared =
        sampling instanceof Sampling.Window window
            ? new InWindow(window.length(), window.period(), clock)
            : new WithinBudget(((Sampling.Budget) sampling).share());
    return new Samplers(() -> shared);
  }

  /** The sampler of one more session. */
  public SessionSampler session(Measure measure) {
    return new SessionSampler(policies.get(), measure);
  }
}
