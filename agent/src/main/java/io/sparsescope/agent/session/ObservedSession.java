package io.sparsescope.agent.session;

import io.sparsescope.agent.sampling.SessionSampler;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.ZeroCounter;
import java.util.List;
import java.util.Map;

/**
 * A session that is older than the agent: what it is given and what it gives is counted in Java, in
 * place, around its runs.
 */
final class ObservedSession {
  /** Stands for a session that nothing is counted of. */
  static final ObservedSession NONE = new ObservedSession(null, null, null);

  private final ProfileRecorder recorder;
  private final SessionSampler sampler;
  private final OrtTensors tensors;

  /**
   * @param recorder its taps are the session's inputs and outputs, told by their operator
   */
  ObservedSession(ProfileRecorder recorder, SessionSampler sampler, OrtTensors tensors) {
    this.recorder = recorder;
    this.sampler = sampler;
    this.tensors = tensors;
  }

  /**
   * A run begins; its inputs are counted now, since an output may be written over them.
   *
   * @param inputs the {@code Map<String, OnnxTensorLike>} of the run
   */
  Run begin(Map<?, ?> inputs) throws Throwable {
    long begun = System.nanoTime();
    long reserved = sampler.admit(0);
    if (reserved == SessionSampler.NO) {
      return new Run(this, null, reserved, begun, begun);
    }
    try {
      List<TapInfo> taps = recorder.taps();
      Counts[] counts = new Counts[taps.size()];
      for (int i = 0; i < counts.length; i++) {
        TapInfo tap = taps.get(i);
        if (tap.op().equals(ObservedSessions.INPUT)) {
          counts[i] = count(tap, inputs.get(tap.tensor()));
        }
      }
      return new Run(this, counts, reserved, begun, System.nanoTime());
    } catch (Throwable t) {
      sampler.cancelled(0, reserved);
      throw t;
    }
  }

  private void succeeded(Run run, String[] names, Object[] values) throws Throwable {
    long ran = System.nanoTime();
    recorder.run();
    if (run.counts == null) {
      recorder.cost(ran - run.begun, 0);
      sampler.ran(0, ran - run.begun);
      return;
    }
    try {
      List<TapInfo> taps = recorder.taps();
      for (int i = 0; i < run.counts.length; i++) {
        TapInfo tap = taps.get(i);
        for (int k = 0; k < names.length && tap.op().equals(ObservedSessions.OUTPUT); k++) {
          if (names[k].equals(tap.tensor())) {
            run.counts[i] = count(tap, values[k]);
          }
        }
      }
      recorder.record(run.counts);
    } catch (Throwable t) {
      sampler.cancelled(0, run.reserved);
      throw t;
    }
    long ended = System.nanoTime();
    long own = run.counted - run.begun + ended - ran;
    recorder.cost(ended - run.begun, sampler.counted(0, ended - run.begun, own, run.reserved));
  }

  private void failed(Run run) {
    if (run.counts != null) {
      sampler.cancelled(0, run.reserved);
    }
  }

  /** Null if there is no value. */
  private Counts count(TapInfo tap, Object value) throws Throwable {
    if (value == null) {
      return null;
    }
    return tensors.elements(value) == 0
        ? new Counts(0, 0, 0)
        : ZeroCounter.of(tap.type()).count(tensors.bytes(value));
  }

  /** A run under way. */
  static final class Run {
    private final ObservedSession session;

    /** By tap; null if the run is not counted. */
    private final Counts[] counts;

    private final long reserved;
    private final long begun;
    private final long counted;

    private Run(ObservedSession session, Counts[] counts, long reserved, long begun, long counted) {
      this.session = session;
      this.counts = counts;
      this.reserved = reserved;
      this.begun = begun;
      this.counted = counted;
    }

    /** The run gave these outputs. */
    void succeeded(String[] names, Object[] values) throws Throwable {
      session.succeeded(this, names, values);
    }

    void failed() {
      session.failed(this);
    }
  }
}
