package io.sparsescope.experiments;

import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a rewrite does to a model's answers: both models are run over the same records, and their
 * first output, float32 of shape [records, classes], is compared.
 */
public final class OutputComparison {
  private final String output;
  private long records;
  private double maxDifference;
  private long agreeing;
  private long rightBefore;
  private long rightAfter;
  private boolean labelled = true;

  /**
   * The difference.
   *
   * @param records records run
   * @param maxDifference largest absolute difference of two corresponding elements; NaN on one side
   *     only counts as infinite
   * @param agreeing records whose largest element is the same (top-1)
   * @param rightBefore records whose largest element is their label, before the rewrite; empty
   *     where the data has no labels
   * @param rightAfter the same after it
   */
  public record Result(
      long records,
      double maxDifference,
      long agreeing,
      OptionalLong rightBefore,
      OptionalLong rightAfter) {}

  private OutputComparison(String output) {
    this.output = output;
  }

  /**
   * Runs all of the data.
   *
   * @param before the model as it was
   * @param after the same model, rewritten
   * @param batch records in a run
   * @throws ExperimentException if a model does not run, or its first output is not float32
   */
  public static Result compare(ModelFile before, ModelFile after, DataSource data, int batch) {
    String output = before.graph().outputs().get(0).getName();
    if (before.graph().type(output).filter(t -> t.element() == ElementType.FLOAT).isEmpty()) {
      throw new ExperimentException(
          before.name() + ": output " + output + " is not float32; it cannot be compared");
    }
    OutputComparison comparison = new OutputComparison(output);
    try (OrtModel first = OrtModel.load(before, new ModelEdit(before));
        OrtModel second = OrtModel.load(after, new ModelEdit(after))) {
      comparison.run(first, second, data, batch);
    }
    return comparison.result();
  }

  private void run(OrtModel first, OrtModel second, DataSource data, int records) {
    Optional<Batch> next = data.next(records);
    while (next.isPresent()) {
      Batch batch = next.get();
      float[] one = answers(first, batch);
      float[] two = answers(second, batch);
      add(batch, one, two);
      next = data.next(records);
    }
  }

  private float[] answers(OrtModel model, Batch batch) {
    float[][] answers = new float[1][];
    model.run(
        batch.inputs(),
        Set.of(output),
        "record " + records,
        values -> {
          ByteBuffer bytes = values.get(output).values().order(ByteOrder.LITTLE_ENDIAN);
          FloatBuffer floats = bytes.asFloatBuffer();
          answers[0] = new float[floats.remaining()];
          floats.get(answers[0]);
        });
    return answers[0];
  }

  private void add(Batch batch, float[] one, float[] two) {
    for (int i = 0; i < one.length; i++) {
      maxDifference = Math.max(maxDifference, difference(one[i], two[i]));
    }
    int classes = one.length / batch.count();
    for (int r = 0; r < batch.count(); r++) {
      int before = largest(one, r * classes, classes);
      int after = largest(two, r * classes, classes);
      agreeing += before == after ? 1 : 0;
      if (r < batch.labels().size()) {
        rightBefore += before == batch.labels().get(r) ? 1 : 0;
        rightAfter += after == batch.labels().get(r) ? 1 : 0;
      } else {
        labelled = false;
      }
    }
    records += batch.count();
  }

  private static double difference(float one, float two) {
    if (Float.isNaN(one) || Float.isNaN(two)) {
      return Float.isNaN(one) && Float.isNaN(two) ? 0 : Double.POSITIVE_INFINITY;
    }
    // Equal infinities differ by nothing, though their difference is NaN.
    return one == two ? 0 : Math.abs((double) one - two);
  }

  private static int largest(float[] values, int from, int count) {
    int largest = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + largest]) {
        largest = i;
      }
    }
    return largest;
  }

  private Result result() {
    return new Result(
        records,
        maxDifference,
        agreeing,
        labelled ? OptionalLong.of(rightBefore) : OptionalLong.empty(),
        labelled ? OptionalLong.of(rightAfter) : OptionalLong.empty());
  }
}
