package io.sparsescope.agent.session;

/** Reads what the taps of a run hold. Never throws. */
final class Counting {
  private final OrtTensors tensors;
  private final Journal journal;

  Counting(OrtTensors tensors, Journal journal) {
    this.tensors = tensors;
    this.journal = journal;
  }

  /** Records what a run has counted, and closes what was asked for to that end. */
  void record(Arm arm, TapRequest request) {
    try {
      arm.recorder().record(request.read(tensors), request.readChannels(tensors));
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
