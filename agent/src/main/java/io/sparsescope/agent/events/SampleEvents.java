package io.sparsescope.agent.events;

import io.sparsescope.profile.SampleListener;

/** Where events of sampled runs go. */
public final class SampleEvents {
  private SampleEvents() {}

  /**
   * Makes Flight Recorder events {@code io.sparsescope.Sample} as long as a recording asks for
   * them; does nothing in a runtime without the module jdk.jfr.
   */
  public static SampleListener listener() {
    // The class is linked only where it can be.
    return ModuleLayer.boot().findModule("jdk.jfr").isPresent()
        ? new FlightRecorderListener()
        : SampleListener.NONE;
  }
}
