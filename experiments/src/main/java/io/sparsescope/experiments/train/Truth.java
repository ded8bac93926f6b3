package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Loss;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model should say of records, as its loss takes it: their classes, for a squared error a 1
 * at the class among zeros, or the targets that the data holds.
 *
 * @param name of the step's input
 * @param type of its elements
 * @param dims its shape without the batch
 * @param writer puts what is true of a record
 */
record Truth(String name, ElementType type, List<Long> dims, Writer writer) {

  /** Puts what is true of a record at a buffer's position. */
  @FunctionalInterface
  interface Writer {
    void put(RecordSet data, int record, ByteBuffer to);
  }

  /**
   * Of the model that was differentiated.
   *
   * @param data what is learnt from
   * @throws ExperimentException if the data does not tell what the loss needs, of any record
   */
  static Truth of(ModelFile model, Gradients gradients, RecordSet data) {
    boolean squared = gradients.objective().loss() == Loss.MEAN_SQUARED_ERROR;
    if (data.targetDims().isPresent()) {
      return targets(gradients, data, squared);
    }
    int classes = OutputClasses.of(model, gradients);
    Labels.require(data, gradients.output(), classes);
    return squared
        ? new Truth(gradients.truth(), ElementType.FLOAT, List.of((long) classes), oneOf(classes))
        : new Truth(
            gradients.truth(),
            ElementType.INT64,
            List.of(),
            (from, record, to) -> to.putLong(from.label(record)));
  }

  private static Writer oneOf(int classes) {
    return (from, record, to) -> {
      for (int c = 0; c < classes; c++) {
        to.putFloat(c == from.label(record) ? 1 : 0);
      }
    };
  }

  private static Truth targets(Gradients gradients, RecordSet data, boolean squared) {
    if (!squared) {
      throw new ExperimentException(
          data.name()
              + ": comes with targets that are no classes; use --loss squared-error, or save classes"
              + " as integers, with astype('<i8')");
    }
    List<Long> dims = outputDims(gradients);
    List<Long> given = data.targetDims().orElseThrow();
    if (elements(dims) != elements(given)) {
      throw new ExperimentException(
          data.name()
              + ": its targets have the shape "
              + given
              + " a record, but the model's output "
              + gradients.output()
              + " has "
              + dims
              + "; save targets of the output's shape");
    }
    return new Truth(gradients.truth(), ElementType.FLOAT, dims, RecordSet::target);
  }

  /** The shape that the loss gives its targets, without the batch. */
  private static List<Long> outputDims(Gradients gradients) {
    return gradients.model().getGraph().getInputList().stream()
        .filter(input -> input.getName().equals(gradients.truth()))
        .flatMap(input -> input.getType().getTensorType().getShape().getDimList().stream().skip(1))
        .map(TensorShapeProto.Dimension::getDimValue)
        .toList();
  }

  private static long elements(List<Long> dims) {
    return dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  /** Memory for a batch of them. */
  DirectTensor tensor(int batch) {
    List<Long> all = new ArrayList<>(List.of((long) batch));
    all.addAll(dims);
    return DirectTensor.of(name, type, all);
  }
}
