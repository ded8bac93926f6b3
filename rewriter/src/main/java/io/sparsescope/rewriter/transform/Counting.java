package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Counting nodes for any number of tensors, each right behind the tensor's producer, so that ONNX
 * Runtime need not keep tensors alive; and one output that holds all counts.
 */
public final class Counting {
  /** The first opset with Where. */
  private static final int FIRST_FAST_OPSET = 9;

  private final Graph graph;
  private final ModelEdit edit;
  private final Ops ops;
  private final boolean fast;
  private final ImageSizes sizes;
  private final BlockedCount blocked;

  /** Null unless the mode is {@link CountMode#NATIVE}. */
  private final NativeCount nativeCount;

  private final List<String> rows = new ArrayList<>();

  /** Null unless channels are counted. */
  private final ChannelNumbers numbers;

  /** Of the tensors that {@link CastCount} counts by channel: names of their channels' counts. */
  private final List<String> channels = new ArrayList<>();

  /** For each tensor how many channels it has, 0 if they are not counted. */
  private final List<Integer> channelsOf = new ArrayList<>();

  /** For each tensor whether {@link BlockedCount} counts it. */
  private final List<Boolean> isBlocked = new ArrayList<>();

  /**
   * @param graph the graph as it was
   * @param edit where nodes are added
   * @param ops makes them
   * @param mode what becomes of tensors that hold NaN
   * @param channels count the elements of each channel, too; not in the native mode
   */
  public Counting(Graph graph, ModelEdit edit, Ops ops, CountMode mode, boolean channels) {
    this.graph = graph;
    this.edit = edit;
    this.ops = ops;
    fast = mode == CountMode.FAST && ops.opset() >= FIRST_FAST_OPSET;
    sizes = new ImageSizes(graph, ops.under("size"));
    blocked = new BlockedCount(sizes);
    numbers = channels ? new ChannelNumbers(graph) : null;
    nativeCount = mode == CountMode.NATIVE ? new NativeCount(graph, sizes) : null;
  }

  /** Counts a tensor of a float type behind its producer; returns its row. */
  public int count(Node producer, String tensor, TensorType type) {
    Ops counting = ops.under("count/" + tensor);
    CountRecipe recipe = CountRecipe.of(graph, producer, type);
    boolean toBlocked = fast && recipe instanceof PooledCount && blocked.suits(tensor);
    int number = channels(tensor, toBlocked);
    if (nativeCount != null) {
      nativeCount.emit(counting, producer, tensor, type);
    } else if (toBlocked) {
      blocked.emit(counting, tensor);
    } else if (number > 0) {
      CastCount.Counted counted = CastCount.withChannels(counting, tensor, type);
      rows.add(counted.row());
      channels.add(counted.channels());
    } else {
      rows.add(recipe.emit(counting, tensor, type));
    }
    isBlocked.add(toBlocked);
    channelsOf.add(number);
    edit.insertAfter(producer, counting.nodes());
    return isBlocked.size() - 1;
  }

  private int channels(String tensor, boolean toBlocked) {
    if (numbers == null) {
      return 0;
    }
    return Math.toIntExact(toBlocked ? sizes.channels(tensor) : numbers.of(tensor).orElse(0));
  }

  /**
   * Adds the output, int64 [rows, 3]: elements, zeros, NaNs. Does nothing where nothing is counted.
   *
   * @param channelOutput name of another one, int64 [channels of all tensors]: elements of each
   *     channel that are not zero; added where any are counted
   */
  public void finish(String output, String channelOutput) {
    if (isBlocked.isEmpty()) {
      return;
    }
    Ops end = ops.under("counts");
    if (nativeCount != null) {
      nativeCount.finish(end, output);
    } else {
      combine(end, output, channelOutput);
    }
    edit.append(end.nodes());
    edit.addOutput(Ops.info(output, ElementType.INT64, isBlocked.size(), 3));
    long all = channelsOf.stream().mapToLong(Integer::longValue).sum();
    if (all > 0) {
      edit.addOutput(Ops.info(channelOutput, ElementType.INT64, all));
    }
  }

  /** For each row how many channels are counted, 0 for none. */
  public List<Integer> channels() {
    return List.copyOf(channelsOf);
  }

  /** For each row where its channels begin in their output; 0 where none are counted. */
  public List<Integer> channelsAt() {
    List<Integer> inBlocks = blocked.channelsAt();
    List<Integer> at = new ArrayList<>();
    int plain = 0;
    for (int i = 0; i < channelsOf.size(); i++) {
      plain += isBlocked.get(i) ? 0 : channelsOf.get(i);
    }
    int next = 0;
    int block = 0;
    for (int i = 0; i < channelsOf.size(); i++) {
      if (channelsOf.get(i) == 0) {
        at.add(0);
      } else if (isBlocked.get(i)) {
        at.add(plain + inBlocks.get(block));
      } else {
        at.add(next);
        next += channelsOf.get(i);
      }
      block += isBlocked.get(i) ? 1 : 0;
    }
    return at;
  }

  /** Number of tensors that {@link NativeCount} counts in the blocked layout. */
  public int blockedLayout() {
    return nativeCount == null ? 0 : nativeCount.blocked();
  }

  private void combine(Ops end, String output, String channelOutput) {
    BlockedCount.Made made = blocked.isEmpty() ? null : blocked.make(end, numbers != null);
    edit.prepend(sizes.nodes());
    if (made == null) {
      end.opTo(output, "Sub", plainRows(end));
    } else if (rows.isEmpty()) {
      end.opTo(output, "Transpose", made.columns());
    } else {
      String all =
          end.concat(
              List.of(end.op("Sub", plainRows(end)), end.op("Transpose", made.columns())), 0);
      end.opTo(output, "Gather", all, end.int64s(order()));
    }
    List<String> parts = new ArrayList<>(channels);
    if (made != null && numbers != null) {
      parts.add(made.channels());
    }
    if (!parts.isEmpty()) {
      end.concatTo(channelOutput, parts, 0);
    }
  }

  /**
   * Two tensors whose difference is: elements, zeros, NaNs of those tensors that {@link #blocked}
   * does not count.
   */
  private String[] plainRows(Ops end) {
    String all = rows.size() == 1 ? rows.get(0) : end.concat(rows, 0);
    // From (elements, not zero, NaN): (elements, elements, NaN) - (0, not zero, 0).
    String nonzero = end.op("Mul", end.gather(all, 1, 1, 1, 1), end.row(0, 1, 0));
    return new String[] {end.gather(all, 1, 0, 0, 2), nonzero};
  }

  /** Where each row lies; those of the blocked count lie last. */
  private long[] order() {
    long[] order = new long[isBlocked.size()];
    int plain = 0;
    int inBlocks = rows.size();
    for (int i = 0; i < order.length; i++) {
      order[i] = isBlocked.get(i) ? inBlocks++ : plain++;
    }
    return order;
  }
}
