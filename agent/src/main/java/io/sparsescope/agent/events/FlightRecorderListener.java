package io.sparsescope.agent.events;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.SampleListener;
import io.sparsescope.profile.TapInfo;
import java.util.List;
import jdk.jfr.FlightRecorder;

/**
 * Makes an event of each counted tensor of a sampled run. Does not touch the event's class before
 * somebody records: that alone takes a JVM some 0.3 s.
 */
final class FlightRecorderListener implements SampleListener {

  @Override
  public void sampled(ModelInfo model, String arm, List<TapInfo> taps, Counts[] perTap) {
    if (FlightRecorder.isInitialized()) {
      Events.commit(model, arm, taps, perTap);
    }
  }

  /** Apart, so that the event's class is linked when it is needed. */
  private static final class Events {
    private Events() {}

    static void commit(ModelInfo model, String arm, List<TapInfo> taps, Counts[] perTap) {
      if (!new SampleEvent().isEnabled()) {
        return;
      }
      for (int i = 0; i < perTap.length; i++) {
        // Neither what was not computed nor what was not counted has elements to tell of.
        if (perTap[i] != null && perTap[i].elements() > 0) {
          event(model, arm, taps.get(i), perTap[i]).commit();
        }
      }
    }

    private static SampleEvent event(ModelInfo model, String arm, TapInfo tap, Counts counts) {
      SampleEvent event = new SampleEvent();
      event.model = model.name();
      event.arm = arm;
      event.layer = tap.layer();
      event.tensor = tap.tensor();
      event.elements = counts.elements();
      event.zeros = counts.zeros();
      event.nan = counts.nan();
      event.sparsity = (float) counts.sparsity();
      return event;
    }
  }
}
