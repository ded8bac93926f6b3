package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Threads;
import io.sparsescope.experiments.data.RecordChange;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.experiments.train.CounterRandom.Purpose;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.rewriter.gradient.Gradients;
import io.sparsescope.rewriter.gradient.Mask;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a step is fed besides its state: records, what the model should say of them, dropout's
 * masks. All of it is a function of the seed and the step's number. The next step's is made on a
 * thread of its own while a step runs.
 */
final class StepFeed implements AutoCloseable {
  private final RecordSet data;
  private final Gradients gradients;
  private final int batch;
  private final Truth truth;
  private final long seed;
  private final DataOrder order;
  private final Augmentation.Changer changer;
  private final long changes;
  private final List<Side> sides = new ArrayList<>();
  private final ExecutorService ahead =
      Executors.newSingleThreadExecutor(Threads.named("sparsescope-feed"));
  private Future<Map<String, OnnxTensor>> next;
  private long nextStep = -1;

  /** Memory for what a step is fed. */
  private record Side(DirectTensor records, DirectTensor truth, List<DirectTensor> masks) {}

  /**
   * @param truth what is true of the data
   * @throws ExperimentException if images are to be augmented and the data holds none
   */
  StepFeed(RecordSet data, Gradients gradients, int batch, Truth truth, TrainOptions options) {
    this.data = data;
    this.gradients = gradients;
    this.batch = batch;
    this.truth = truth;
    seed = options.seed();
    order = new DataOrder(data.size(), seed);
    boolean augments = !options.augmentation().equals(Augmentation.NONE);
    if (augments && (data.imageDims().isEmpty() || !data.bytes())) {
      throw new ExperimentException(data.name() + ": holds no images; leave out --augment");
    }
    changer = augments ? options.augmentation().new Changer(data.imageDims()) : null;
    changes = CounterRandom.key(seed, Purpose.AUGMENTATION, 0);
    for (int i = 0; i < 2; i++) {
      sides.add(side());
    }
  }

  private Side side() {
    List<DirectTensor> masks = new ArrayList<>();
    for (Mask mask : gradients.masks()) {
      List<Long> dims = mask.dims().stream().map(dim -> dim < 0 ? (long) batch : dim).toList();
      masks.add(DirectTensor.of(mask.name(), ElementType.FLOAT, dims));
    }
    DirectTensor records = DirectTensor.of(data.input().name(), data.type(), data.shape(batch));
    return new Side(records, truth.tensor(batch), masks);
  }

  /**
   * What a step is fed, by the names of the inputs; valid until the one after the next is asked
   * for.
   *
   * @param step its number, from 0
   */
  Map<String, OnnxTensor> of(long step) {
    Future<Map<String, OnnxTensor>> made = step == nextStep ? next : ahead.submit(() -> make(step));
    nextStep = step + 1;
    next = ahead.submit(() -> make(step + 1));
    try {
      return made.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExperimentException("interrupted while the records were prepared", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new ExperimentException("the records cannot be prepared: " + e.getCause(), e);
    }
  }

  private Map<String, OnnxTensor> make(long step) {
    Side side = sides.get((int) (step % 2));
    ByteBuffer records = side.records().values();
    ByteBuffer truths = side.truth().values();
    for (long place = step * batch; place < (step + 1) * batch; place++) {
      int record = order.record(place);
      RecordChange change = changer == null ? RecordChange.NONE : changer.of(changes, place);
      data.encode(record, change, records);
      truth.writer().put(data, record, truths);
    }
    for (int m = 0; m < side.masks().size(); m++) {
      fill(side.masks().get(m).values(), gradients.masks().get(m).ratio(), m, step);
    }
    return tensors(side);
  }

  /** Each step has a part of its own of the mask's sequence. */
  private void fill(ByteBuffer mask, float ratio, int number, long step) {
    long key = CounterRandom.key(seed, Purpose.MASK, number);
    int elements = mask.remaining() / Float.BYTES;
    float kept = 1 / (1 - ratio);
    for (int i = 0; i < elements; i++) {
      float uniform = (CounterRandom.bits(key, step * elements + i) >>> 40) * 0x1p-24f;
      mask.putFloat(uniform < ratio ? 0 : kept);
    }
  }

  private Map<String, OnnxTensor> tensors(Side side) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    tensors.put(data.input().name(), side.records().tensor());
    tensors.put(truth.name(), side.truth().tensor());
    for (int m = 0; m < side.masks().size(); m++) {
      tensors.put(gradients.masks().get(m).name(), side.masks().get(m).tensor());
    }
    return tensors;
  }

  @Override
  public void close() {
    ahead.shutdownNow();
    Threads.awaitEnd(ahead);
    for (Side side : sides) {
      side.records().close();
      side.truth().close();
      side.masks().forEach(DirectTensor::close);
    }
  }
}
