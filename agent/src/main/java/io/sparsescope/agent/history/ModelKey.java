package io.sparsescope.agent.history;

import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.ModelProfile;

/**
 * Tells apart the models of a profile.
 *
 * @param arm "" where there is no live experiment
 * @param taps number of tensors counted
 * @param reason of a model without taps: why
 */
record ModelKey(ModelInfo model, String arm, int taps, String reason) {

  static ModelKey of(ModelProfile model) {
    int taps = model.runTaps().size();
    boolean untouched = taps == 0 && !model.skipped().isEmpty();
    return new ModelKey(
        model.info(), model.arm(), taps, untouched ? model.skipped().get(0).reason() : "");
  }
}
