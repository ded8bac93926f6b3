package io.sparsescope.experiments.data;

import ai.onnxruntime.platform.Fp16Conversions;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/**
 * Made-up inputs, the same for the same seed whatever the batch size. Floats are standard normal;
 * uint8 and int8, taken for pixels, are uniform over all values; other integers, taken for indices,
 * are 0, and 1 where the input's name speaks of a mask, a length or a size; booleans are true.
 *
 * <p>An open first dimension counts records. Any other open dimension is 1, which a notice says.
 */
final class RandomSource implements DataSource {
  private final List<InputSpec> inputs;
  private final SplittableRandom random;
  private final boolean batch;
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
  private final List<String> notices = new ArrayList<>();

  RandomSource(List<InputSpec> inputs, long seed) {
    this.inputs = List.copyOf(inputs);
    random = new SplittableRandom(seed);
    // A batch is only possible where every input leaves its number of records open.
    batch =
        !inputs.isEmpty()
            && inputs.stream()
                .allMatch(
                    input ->
                        input.dims().isPresent()
                            && !input.dims().get().isEmpty()
                            && input.dims().get().get(0) == InputSpec.ANY);
    inputs.forEach(this::fix);
  }

  private void fix(InputSpec input) {
    if (input.type().bits() < 8 || input.type().bits() > 64) {
      throw new DataException(
          "random: input "
              + input.name()
              + " "
              + input.describe()
              + " cannot be made up; use --data onnx:DIR or npy:FILE");
    }
    List<Long> dims =
        input
            .dims()
            .orElseThrow(
                () ->
                    new DataException(
                        "random: the model does not tell the shape of input "
                            + input.name()
                            + "; use --data onnx:DIR or npy:FILE"));
    List<Long> record = new ArrayList<>();
    boolean opened = false;
    for (int i = 0; i < dims.size(); i++) {
      boolean counts = batch && i == 0;
      boolean open = dims.get(i) == InputSpec.ANY && !counts;
      opened |= open;
      if (!counts) {
        record.add(open ? 1 : dims.get(i));
      }
    }
    if (opened) {
      notices.add(
          "input " + input.name() + " " + input.describe() + ": open dimensions are set to 1");
    }
    shapes.put(input.name(), record);
  }

  @Override
  public Optional<Batch> next(int records) {
    int count = batch ? records : 1;
    Map<String, ByteBuffer> buffers = new LinkedHashMap<>();
    for (InputSpec input : inputs) {
      long bytes = (long) count * (input.type().bits() / 8);
      for (long dim : shapes.get(input.name())) {
        bytes = dim != 0 && bytes > Integer.MAX_VALUE / dim ? Integer.MAX_VALUE + 1L : bytes * dim;
        if (bytes > Integer.MAX_VALUE) {
          throw new DataException(
              "random: input " + input.name() + " takes more than 2 GiB; choose a smaller --batch");
        }
      }
      buffers.put(
          input.name(), ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN));
    }
    for (int i = 0; i < count; i++) {
      for (InputSpec input : inputs) {
        ByteBuffer out = buffers.get(input.name());
        fill(input, out, (int) ((long) out.capacity() * (i + 1) / count));
      }
    }
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (InputSpec input : inputs) {
      List<Long> shape = new ArrayList<>();
      if (batch) {
        shape.add((long) count);
      }
      shape.addAll(shapes.get(input.name()));
      values.put(
          input.name(), new TensorValue(input.type(), shape, buffers.get(input.name()).flip()));
    }
    return Optional.of(new Batch(values, List.of(), count));
  }

  /** Fills one record, up to {@code end}. */
  private void fill(InputSpec input, ByteBuffer out, int end) {
    ElementType type = input.type();
    int index = indexValue(input.name());
    while (out.position() < end) {
      switch (type) {
        case FLOAT -> out.putFloat((float) random.nextGaussian());
        case DOUBLE -> out.putDouble(random.nextGaussian());
        case FLOAT16 -> out.putShort(Fp16Conversions.floatToFp16((float) random.nextGaussian()));
        case BFLOAT16 -> out.putShort(Fp16Conversions.floatToBf16((float) random.nextGaussian()));
        case UINT8, INT8 -> out.put((byte) random.nextInt(256));
        case BOOL -> out.put((byte) 1);
        default -> {
          switch (type.bits()) {
            case 8 -> out.put((byte) index);
            case 16 -> out.putShort((short) index);
            case 32 -> out.putInt(index);
            default -> out.putLong(index);
          }
        }
      }
    }
  }

  private static int indexValue(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.contains("mask") || lower.contains("len") || lower.contains("size") ? 1 : 0;
  }

  @Override
  public OptionalLong size() {
    return OptionalLong.empty();
  }

  @Override
  public boolean endless() {
    return true;
  }

  @Override
  public int fixedBatch() {
    return batch ? 0 : 1;
  }

  @Override
  public List<String> notices() {
    return List.copyOf(notices);
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
