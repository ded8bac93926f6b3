package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.gradient.Gradients;
import java.util.List;

/** How many classes a model's output tells apart. */
final class OutputClasses {
  private OutputClasses() {}

  /**
   * The size of the output's last dimension.
   *
   * @throws ExperimentException if the output is no [N, classes]
   */
  static int of(ModelFile model, Gradients gradients) {
    for (ValueInfoProto output : model.graph().outputs()) {
      List<TensorShapeProto.Dimension> dims =
          output.getType().getTensorType().getShape().getDimList();
      if (output.getName().equals(gradients.output())
          && dims.size() == 2
          && dims.get(1).getDimValue() > 0) {
        return Math.toIntExact(dims.get(1).getDimValue());
      }
    }
    throw new ExperimentException(
        model.name()
            + ": output "
            + gradients.output()
            + " does not say its number of classes; declare its shape as [N, classes]");
  }
}
