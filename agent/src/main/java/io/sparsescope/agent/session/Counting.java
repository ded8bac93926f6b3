package io.sparsescope.agent.session;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.Histogram;

/** Reads what the taps of a run hold. Never throws. */
final class Counting {
  private final OrtTensors tensors;
  private final Detail detail;
  private final Journal journal;

  Counting(OrtTensors tensors, Detail detail, Journal journal) {
    this.tensors = tensors;
    this.detail = detail;
    this.journal = journal;
  }

  /** Records what a run has counted, and closes what was asked for to that end. */
  void record(Arm arm, TapRequest request) {
    try {
      Counts[] counts = request.read(tensors);
      arm.recorder()
          .record(
              counts,
              request.readChannels(tensors),
              detail == Detail.HISTOGRAMS
                  ? request.readHistograms(tensors, counts)
                  : new Histogram[counts.length]);
    } catch (Throwable t) {
      journal.failed("reading the taps", t);
    }
    try {
      request.close(tensors);
    } catch (Throwable t) {
      journal.failed("closing the taps", t);
    }
  }

  void failed(String what, Throwable cause) {
    journal.failed(what, cause);
  }
}
