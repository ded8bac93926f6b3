package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.Progress;
import io.sparsescope.experiments.data.Batch;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.RecordMemory;
import io.sparsescope.experiments.data.TensorValue;
import io.sparsescope.onnx.ModelFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Reads records into memory. Used once. */
final class SampleReader {
  private static final int READ = 64;

  private final ModelFile model;
  private final DataSource data;
  private final Choice choice;
  private final long memory;
  private final MessageDigest digest = sha256();
  private final TreeMap<String, SampleStore.Input> inputs = new TreeMap<>();
  private final List<Integer> labels = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  /** Whether the data came in batches of more than one record. */
  private boolean batched;

  private int largestBatch;

  SampleReader(ModelFile model, DataSource data, Choice choice, long memory) {
    this.model = model;
    this.data = data;
    this.choice = choice;
    this.memory = memory;
  }

  SampleStore read(Progress progress) {
    long limit = data.wanted(chosen()).orElse(Integer.MAX_VALUE);
    OptionalLong total = data.expected(chosen());
    Optional<BitSet> drawn = drawn(limit);
    long seen = 0;
    while (labels.size() < limit) {
      long left = drawn.isPresent() ? READ : Math.min(READ, limit - labels.size());
      // Asked for one record, a source does not show whether its records can share a run.
      Optional<Batch> next = data.next((int) Math.max(2, left));
      if (next.isEmpty()) {
        break;
      }
      Batch batch = next.get();
      batched |= batch.count() > 1;
      largestBatch = Math.max(largestBatch, batch.count());
      for (int i = 0; i < batch.count() && labels.size() < limit; i++, seen++) {
        if (drawn.isEmpty() || drawn.get().get(Math.toIntExact(seen))) {
          add(batch, i, seen);
        }
      }
      progress.report(labels.size(), total);
    }
    if (labels.isEmpty()) {
      throw new ExperimentException(
          model.name() + ": the data holds no records to run; choose other data");
    }
    int perRun = batched && opensBatch() ? 0 : batched ? largestBatch : 1;
    return new SampleStore(
        model.name(),
        List.copyOf(inputs.values()),
        labels.stream().mapToInt(Integer::intValue).toArray(),
        names,
        perRun,
        batched,
        HexFormat.of().formatHex(digest.digest()),
        data.notices());
  }

  private OptionalLong chosen() {
    return choice.limit().isPresent()
        ? OptionalLong.of(choice.limit().getAsInt())
        : OptionalLong.empty();
  }

  private Optional<BitSet> drawn(long limit) {
    if (!choice.random() || limit == Integer.MAX_VALUE || data.endless()) {
      return Optional.empty();
    }
    OptionalLong size = data.size();
    if (size.isEmpty()) {
      throw new ExperimentException(
          "the data does not tell how many records it has, so none can be drawn; leave out"
              + " --pick random");
    }
    int of = Math.toIntExact(size.getAsLong());
    return limit < of ? Optional.of(Choice.draw((int) limit, of, choice.seed())) : Optional.empty();
  }

  /** Whether the model leaves open how many records a run takes. */
  private boolean opensBatch() {
    return InputSpec.of(model).stream()
        .allMatch(
            input ->
                input.dims().isPresent()
                    && !input.dims().get().isEmpty()
                    && input.dims().get().get(0) == InputSpec.ANY);
  }

  private void add(Batch batch, int record, long number) {
    boolean axis = batched && batch.count() >= 1;
    for (String name : new TreeMap<>(batch.inputs()).keySet()) {
      TensorValue value = batch.inputs().get(name);
      SampleStore.Input input =
          inputs.computeIfAbsent(
              name,
              n ->
                  new SampleStore.Input(
                      n,
                      value.type(),
                      new RecordMemory(memory / batch.inputs().size()),
                      new ArrayList<>()));
      ByteBuffer bytes = slice(value.data(), record, batch.count());
      digest.update(bytes.duplicate());
      input.memory().add(bytes);
      note(input, shape(value, axis));
    }
    int label = record < batch.labels().size() ? batch.labels().get(record) : -1;
    digest.update(("|" + label + "|").getBytes(StandardCharsets.UTF_8));
    labels.add(label);
    names.add(data.describe(number));
  }

  private static ByteBuffer slice(ByteBuffer all, int record, int count) {
    int bytes = all.remaining() / count;
    return all.duplicate().slice(all.position() + record * bytes, bytes);
  }

  private static long[] shape(TensorValue value, boolean axis) {
    long[] shape = value.shape().stream().mapToLong(Long::longValue).toArray();
    return axis ? Arrays.copyOfRange(shape, 1, shape.length) : shape;
  }

  /** Shapes are kept once as long as all are equal. */
  private void note(SampleStore.Input input, long[] shape) {
    digest.update(Arrays.toString(shape).getBytes(StandardCharsets.UTF_8));
    List<long[]> shapes = input.shapes();
    if (shapes.isEmpty()) {
      shapes.add(shape);
    } else if (shapes.size() > 1 || !Arrays.equals(shapes.get(0), shape)) {
      while (shapes.size() < labels.size()) {
        shapes.add(shapes.get(0));
      }
      shapes.add(shape);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
