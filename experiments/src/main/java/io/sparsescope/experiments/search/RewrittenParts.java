package io.sparsescope.experiments.search;

import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Rewrites the model anew for each threshold, with a session for each. */
final class RewrittenParts implements UnitModel {
  private final SearchSetup setup;
  private final SearchUnit unit;
  private final Collection<ValueInfoProto> given;
  private final String output;

  RewrittenParts(
      SearchSetup setup, SearchUnit unit, Collection<ValueInfoProto> given, String output) {
    this.setup = setup;
    this.unit = unit;
    this.given = given;
    this.output = output;
  }

  @Override
  public Candidate at(double threshold) {
    RewrittenModel model =
        new RewrittenModel(setup.model(), unit, unit.rules(threshold, setup.orEqual()));
    return new Candidate(
        setup.model().name(),
        model.part(given, List.of(), output),
        true,
        output,
        model.denseNames(),
        Map.of());
  }

  @Override
  public void close() {
    // Each candidate closes its own session.
  }
}
