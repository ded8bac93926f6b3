package io.sparsescope.experiments.search;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.TensorData;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.match.Weight;
import io.sparsescope.rewriter.transform.Baking;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Counts the zeros of a unit's weights behind thresholds, chunk by chunk from where they lie. */
final class WeightValues {
  private WeightValues() {}

  /** A weight's values; empty where a node computes them. */
  static Optional<TensorData> of(ModelFile model, Weight weight) {
    return weight.initializer().isPresent()
        ? weight.initializer().map(model::data)
        : model.graph().producer(weight.name()).flatMap(model::constant);
  }

  /**
   * Zeros behind each of the thresholds, as the rewriter's own zeroing leaves them.
   *
   * @param thresholds 0 for the dense weights
   * @return numbers of zeros, in the order of the thresholds
   */
  static long[] zeros(ModelFile model, SearchUnit unit, List<Double> thresholds, boolean orEqual) {
    long[] zeros = new long[thresholds.size()];
    for (Weight weight : unit.weights()) {
      TensorData data = of(model, weight).orElseThrow();
      List<Consumer<ByteBuffer>> zeroing =
          thresholds.stream().map(t -> zeroing(data.type(), t, orEqual)).toList();
      ZeroCounter counter = ZeroCounter.of(data.type().label());
      data.forEachChunk(
          chunk -> {
            ByteBuffer copy = ByteBuffer.allocate(chunk.remaining());
            for (int i = 0; i < zeros.length; i++) {
              copy.clear().put(chunk.duplicate()).flip().order(ByteOrder.LITTLE_ENDIAN);
              zeroing.get(i).accept(copy);
              zeros[i] += counter.count(copy).zeros();
            }
          });
    }
    return zeros;
  }

  private static Consumer<ByteBuffer> zeroing(ElementType type, double threshold, boolean orEqual) {
    return threshold > 0 ? Baking.zeroing(type, threshold, orEqual) : chunk -> {};
  }
}
