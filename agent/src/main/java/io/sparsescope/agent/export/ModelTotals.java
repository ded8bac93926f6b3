package io.sparsescope.agent.export;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.OutputDifference;
import io.sparsescope.profile.RunCost;

/**
 * What a model's series show that are not about one tensor.
 *
 * @param difference null where outputs were not compared
 * @param folded tensors that have no series of their own
 */
record ModelTotals(
    long sessions,
    long runs,
    long sampledRuns,
    RunCost cost,
    OutputDifference difference,
    long folded) {

  static ModelTotals of(ModelProfile model) {
    return new ModelTotals(
        model.sessions(), model.runs(), model.sampledRuns(), model.cost(), model.difference(), 0);
  }

  /** Both together. */
  ModelTotals plus(ModelTotals other) {
    return new ModelTotals(
        sessions + other.sessions,
        runs + other.runs,
        sampledRuns + other.sampledRuns,
        cost.plus(other.cost),
        difference == null || other.difference == null
            ? (difference == null ? other.difference : difference)
            : difference.plus(other.difference),
        folded + other.folded);
  }

  /** With one more tensor that has no series of its own. */
  ModelTotals foldingOneMore() {
    return new ModelTotals(sessions, runs, sampledRuns, cost, difference, folded + 1);
  }
}
