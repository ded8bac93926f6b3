package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.SubModel;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The whole model with a unit's threshold put in by the rewriter, of which parts are taken. */
final class RewrittenModel {
  private final ModelFile model;
  private final SearchUnit unit;
  private final Rewrite rewrite;
  private final ModelFile rewritten;

  RewrittenModel(ModelFile model, SearchUnit unit, Rules rules) {
    this.model = model;
    this.unit = unit;
    rewrite = new Rewriter(rules, false, false).plan(model);
    rewritten = ModelFile.of(model.name(), rewrite.edit().toDirectBuffer());
  }

  Rewrite rewrite() {
    return rewrite;
  }

  /**
   * New names of the model's tensors, as they are before the threshold: that of an activation,
   * whose own name then stands for what comes behind the threshold.
   */
  Map<String, String> denseNames() {
    if (rewrite.thresholds().isEmpty() || unit.on() != On.ACTIVATIONS) {
      return Map.of();
    }
    Node producer = model.graph().producer(unit.activation()).orElseThrow();
    int output = producer.proto().getOutputList().indexOf(unit.activation());
    // What the rewriter inserts for an activation comes behind its producer.
    Node renamed = rewritten.graph().nodes().get(producer.index());
    return Map.of(unit.activation(), renamed.proto().getOutput(output));
  }

  /**
   * The part between a cut and an output.
   *
   * @param given tensors of the dense model
   * @param more other tensors that become inputs
   */
  Part part(Collection<ValueInfoProto> given, List<ValueInfoProto> more, String output) {
    Map<String, String> names = denseNames();
    List<ValueInfoProto> inputs = new ArrayList<>(more);
    for (ValueInfoProto tensor : given) {
      String name = names.getOrDefault(tensor.getName(), tensor.getName());
      inputs.add(tensor.toBuilder().setName(name).build());
    }
    ValueInfoProto wanted = ValueInfoProto.newBuilder().setName(output).build();
    return Part.open(model, SubModel.between(rewritten, inputs, List.of(wanted)));
  }
}
