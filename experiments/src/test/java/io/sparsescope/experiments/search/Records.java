package io.sparsescope.experiments.search;

import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Records that a test holds in its hands: a vector each, for the input x. */
final class Records implements DataSource {
  private final float[][] values;
  private final int[] labels;
  private final int fixed;
  private int next;

  Records(float[][] values, int[] labels) {
    this(values, labels, 0);
  }

  /**
   * @param labels none if empty
   * @param fixed the model's batch size, 0 for any
   */
  Records(float[][] values, int[] labels, int fixed) {
    this.values = values;
    this.labels = labels;
    this.fixed = fixed;
  }

  @Override
  public Optional<Batch> next(int records) {
    int count = fixed > 0 ? fixed : Math.min(records, values.length - next);
    if (count == 0 || next + count > values.length) {
      return Optional.empty();
    }
    int width = values[0].length;
    ByteBuffer data = ByteBuffer.allocateDirect(4 * width * count).order(ByteOrder.LITTLE_ENDIAN);
    List<Integer> of = new ArrayList<>();
    for (int i = 0; i < count; i++, next++) {
      for (float value : values[next]) {
        data.putFloat(value);
      }
      if (labels.length > 0) {
        of.add(labels[next]);
      }
    }
    TensorValue value =
        new TensorValue(ElementType.FLOAT, List.of((long) count, (long) width), data.flip());
    return Optional.of(new Batch(Map.of("x", value), of, count));
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.of(values.length);
  }

  @Override
  public List<String> notices() {
    return List.of();
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
