package io.sparsescope.agent.session;

/**
 * What became of a sampled run before the application's own.
 *
 * @param given what the application gets, {@code boolean[]} or {@code OnnxValue[]}; null if its own
 *     run is still to be done
 * @param failure what kept the run from being counted, if the application's own shows that it was
 *     not the application's doing; else null
 * @param replay the run to be done again later, or null
 */
record Sampled(Object given, Throwable failure, Replay replay) {
  static final Sampled NOT = new Sampled(null, null, null);

  static Sampled given(Object result) {
    return new Sampled(result, null, null);
  }

  static Sampled failed(Throwable cause) {
    return new Sampled(null, cause, null);
  }

  static Sampled later(Replay replay) {
    return new Sampled(null, null, replay);
  }
}
