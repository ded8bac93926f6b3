package io.sparsescope.experiments.train;

import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.nio.ByteBuffer;
import java.util.List;

/** The inference model with the values that training has found. */
final class TrainedModel {
  private TrainedModel() {}

  /**
   * The edit that puts the current values of parameters and statistics into the model. They are
   * read when the edit is written.
   */
  static ModelEdit edit(ModelFile model, List<StateSlot> trained, StepState state) {
    ModelEdit edit = new ModelEdit(model);
    for (StateSlot slot : trained) {
      Initializer initializer = model.graph().initializers().get(slot.input());
      edit.mapInitializerAnew(
          initializer,
          () -> {
            ByteBuffer values = state.value(slot.input());
            return chunk -> {
              int bytes = chunk.remaining();
              chunk.duplicate().put(values.slice(values.position(), bytes));
              values.position(values.position() + bytes);
            };
          });
    }
    return edit;
  }
}
