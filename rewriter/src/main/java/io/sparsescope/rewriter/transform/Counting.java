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

  /** For each tensor whether {@link BlockedCount} counts it. */
  private final List<Boolean> isBlocked = new ArrayList<>();

  /**
   * @param graph the graph as it was
   * @param edit where nodes are added
   * @param ops makes them
   * @param mode what becomes of tensors that hold NaN
   */
  public Counting(Graph graph, ModelEdit edit, Ops ops, CountMode mode) {
    this.graph = graph;
    this.edit = edit;
    this.ops = ops;
    fast = mode == CountMode.FAST && ops.opset() >= FIRST_FAST_OPSET;
    sizes = new ImageSizes(graph, ops.under("size"));
    blocked = new BlockedCount(sizes);
    nativeCount = mode == CountMode.NATIVE ? new NativeCount(graph, sizes) : null;
  }

  /** Counts a tensor of a float type behind its producer; returns its row. */
  public int count(Node producer, String tensor, TensorType type) {
    Ops counting = ops.under("count/" + tensor);
    CountRecipe recipe = CountRecipe.of(graph, producer, type);
    boolean toBlocked = fast && recipe instanceof PooledCount && blocked.suits(tensor);
    if (nativeCount != null) {
      nativeCount.emit(counting, producer, tensor, type);
    } else if (toBlocked) {
      blocked.emit(counting, tensor);
    } else {
      rows.add(recipe.emit(counting, tensor, type));
    }
    isBlocked.add(toBlocked);
    edit.insertAfter(producer, counting.nodes());
    return isBlocked.size() - 1;
  }

  /**
   * Adds the output, int64 [rows, 3]: elements, zeros, NaNs. Does nothing where nothing is counted.
   */
  public void finish(String output) {
    if (isBlocked.isEmpty()) {
      return;
    }
    Ops end = ops.under("counts");
    if (nativeCount != null) {
      nativeCount.finish(end, output);
    } else {
      combine(end, output);
    }
    edit.append(end.nodes());
    edit.addOutput(Ops.info(output, ElementType.INT64, isBlocked.size(), 3));
  }

  /** Number of tensors that {@link NativeCount} counts in the blocked layout. */
  public int blockedLayout() {
    return nativeCount == null ? 0 : nativeCount.blocked();
  }

  private void combine(Ops end, String output) {
    String all = all(end);
    edit.prepend(sizes.nodes());
    // From (elements, not zero, NaN): (elements, elements, NaN) - (0, not zero, 0).
    String nonzero = end.op("Mul", end.gather(all, 1, 1, 1, 1), end.row(0, 1, 0));
    end.opTo(output, "Sub", end.gather(all, 1, 0, 0, 2), nonzero);
  }

  private String all(Ops end) {
    List<String> parts = new ArrayList<>(rows);
    if (!blocked.isEmpty()) {
      parts.add(blocked.rows(end));
    }
    String all = parts.size() == 1 ? parts.get(0) : end.concat(parts, 0);
    return blocked.isEmpty() ? all : end.gather(all, 0, order());
  }

  /**
   * Where each row lies among those of the recipes, behind which those of the blocked count lie.
   */
  private long[] order() {
    List<Integer> places = blocked.places();
    long[] order = new long[isBlocked.size()];
    int plain = 0;
    int inBlocks = 0;
    for (int i = 0; i < order.length; i++) {
      order[i] = isBlocked.get(i) ? rows.size() + places.get(inBlocks++) : plain++;
    }
    return order;
  }
}
