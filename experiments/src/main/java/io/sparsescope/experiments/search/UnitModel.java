package io.sparsescope.experiments.search;

import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.match.Weight;
import java.util.Collection;

/** The part of a model between a cut and the judged output, with a unit's threshold to be set. */
interface UnitModel extends AutoCloseable {
  /** The oldest ir_version in which an inserted threshold can be an input. */
  int FIRST_DYNAMIC_IR = 4;

  /**
   * The part at a threshold, to be closed before this is.
   *
   * @param threshold 0 for the dense model
   */
  Candidate at(double threshold);

  @Override
  void close();

  /**
   * Prepares a unit's part. Weights that nobody else reads are fed to it; else thresholds are fed
   * to inserted nodes, if the model's ir_version has inputs for them; else each threshold makes a
   * part of its own.
   *
   * @param given the tensors that cross the cut
   * @param output the judged output
   */
  static UnitModel of(
      SearchSetup setup, SearchUnit unit, Collection<ValueInfoProto> given, String output) {
    if (unit.on() == On.WEIGHTS
        && unit.places().stream().allMatch(SearchUnit.Place::bake)
        && unit.weights().stream()
            .map(Weight::initializer)
            .allMatch(w -> w.filter(UnitModel::isDense).isPresent())) {
      return new FedWeights(setup, unit, given, output);
    }
    return setup.model().header().getIrVersion() >= FIRST_DYNAMIC_IR
        ? new FedThresholds(setup, unit, given, output)
        : new RewrittenParts(setup, unit, given, output);
  }

  private static boolean isDense(Initializer initializer) {
    return !initializer.sparse();
  }
}
