package io.sparsescope.agent.session;

import io.sparsescope.agent.config.AgentOptions;

/** What else is found of tensors than their zeros. */
enum Detail {
  NONE,
  /** Which channels are dead; shown beside those of a reference. */
  CHANNELS,
  /** How large the elements are. */
  HISTOGRAMS;

  static Detail of(AgentOptions options) {
    return options.histogram() ? HISTOGRAMS : options.reference().isPresent() ? CHANNELS : NONE;
  }

  /** Why native operators do not count, in a few words; "" if they may. */
  String withoutNative() {
    return switch (this) {
      case NONE -> "";
      case CHANNELS -> "channels are counted, as reference asks for";
      case HISTOGRAMS -> "magnitudes are counted, as histogram asks for";
    };
  }
}
