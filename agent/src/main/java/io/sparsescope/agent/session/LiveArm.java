package io.sparsescope.agent.session;

import io.sparsescope.rewriter.rules.Live;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The model with the rule file's thresholds, beside a session of the application's, and which of
 * that session's runs it answers.
 */
final class LiveArm {
  /** The arm of runs that the model answers as it was. */
  static final String UNTOUCHED = "untouched";

  /** The arm of runs that the model with thresholds answers. */
  static final String THRESHOLDED = "thresholded";

  private final Session session;
  private final Spread answered;
  private final Spread compared;
  private final AtomicLong begun = new AtomicLong();

  /**
   * @param session our native session, as if it were the application's
   * @param number a different one for each session: each chooses other runs, lest sessions that
   *     live for a run or two all choose alike
   */
  LiveArm(Session session, Live live, long number) {
    this.session = session;
    answered = new Spread(live.fraction(), 2 * number);
    compared = new Spread(live.compare(), 2 * number + 1);
  }

  Session session() {
    return session;
  }

  /** A run begins; returns its number, from 0 on. */
  long begin() {
    return begun.getAndIncrement();
  }

  /** Whether the model with thresholds answers a run. */
  boolean answers(long run) {
    return answered.includes(run);
  }

  /** Whether both models are run on a run's inputs. */
  boolean compares(long run) {
    return compared.includes(run);
  }
}
