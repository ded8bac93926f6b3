package io.sparsescope.experiments;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.transform.Baking;
import io.sparsescope.rewriter.transform.Elements;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.function.Function;

/** Counts zeros among stored elements, by the quickest way that is exact. */
final class WeightElements {
  private WeightElements() {}

  /** Says whether an element is zero to those who read it. */
  interface IsZero {
    /**
     * @param element its place in row-major order
     * @param value as it is stored
     */
    boolean test(long element, double value);
  }

  /** Elements equal to a zero point, 0 for floats. */
  static Counts count(TensorData data, long zeroPoint) {
    ZeroCounter counter = ZeroCounter.of(data.type().label());
    return sum(data, chunk -> counter.count(chunk, zeroPoint));
  }

  /** Elements that are zero once a threshold was baked into them. */
  static Counts count(TensorData data, double threshold, boolean orEqual) {
    return count(data, Baking.zeroing(data.type(), threshold, orEqual));
  }

  /**
   * Elements that are zero once something was baked into them.
   *
   * @param change what is called with the chunks in order, each to be changed in place
   */
  static Counts count(TensorData data, Consumer<ByteBuffer> change) {
    ZeroCounter counter = ZeroCounter.of(data.type().label());
    return sum(
        data,
        chunk -> {
          ByteBuffer values = ByteBuffer.allocate(chunk.remaining()).order(ByteOrder.LITTLE_ENDIAN);
          values.put(chunk).flip();
          change.accept(values);
          return counter.count(values);
        });
  }

  /** Elements that are zero by a rule of their own. */
  static Counts count(TensorData data, IsZero rule) {
    ElementType type = data.type();
    int width = type.bits() / 8;
    long[] place = {0};
    return sum(
        data,
        chunk -> {
          long zeros = 0;
          long nan = 0;
          int elements = chunk.remaining() / width;
          for (int i = 0; i < elements; i++) {
            double value = Elements.read(type, chunk, chunk.position() + i * width);
            nan += Double.isNaN(value) ? 1 : 0;
            zeros += rule.test(place[0]++, value) ? 1 : 0;
          }
          return new Counts(elements, zeros, nan);
        });
  }

  private static Counts sum(TensorData data, Function<ByteBuffer, Counts> counter) {
    Counts[] sum = {Counts.NONE};
    data.forEachChunk(chunk -> sum[0] = sum[0].plus(counter.apply(chunk)));
    return sum[0];
  }
}
