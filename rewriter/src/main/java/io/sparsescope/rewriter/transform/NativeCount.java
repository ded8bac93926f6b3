package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts by operators of a native library that is registered with the session, domain {@value
 * #DOMAIN}, version 1:
 *
 * <ul>
 *   <li>{@code SparsescopeCountFloat}, {@code ...Double}, {@code ...Float16}, {@code ...BFloat16}:
 *       a tensor of any shape to int64 [1, 3]: elements, zeros, NaNs.
 *   <li>{@code SparsescopeRows}, attribute {@code channels}: what the counters of the blocked
 *       layout made, float32 [N, sum of channels, 1, 1], to int64 [tensors, 3].
 * </ul>
 *
 * <p>The domain is ONNX Runtime's internal one of operators on its blocked layout. A domain of our
 * own would become known to the whole process, and be listed in every optimized model that the
 * application has ONNX Runtime save.
 *
 * <p>A tensor in the blocked layout would have to be reordered for an operator that ONNX Runtime
 * does not know. So the graph asks for its GlobalMaxPool instead, which ONNX Runtime replaces by
 * the operator of that name in its internal domain, which reads the layout; and the native library
 * registers a counter under that very name. It makes float32 [N, C, 1, 1]: in the first channels of
 * the first image minus one minus zeros, and NaNs and elements, each in two parts that float32
 * holds exactly. A session in which fewer of these counters are made than {@link #blocked()} tells
 * has not replaced them all and must not be used. A model with a GlobalMaxPool of its own is
 * counted without.
 */
final class NativeCount {
  static final String DOMAIN = "com.microsoft.nchwc";

  private static final String PREFIX = "Sparsescope";

  private static final String POOL = "GlobalMaxPool";

  private final Graph graph;
  private final ImageSizes sizes;
  private final CountRecipe pooled = new PooledCount();
  private final boolean poolIsFree;
  private final List<String> rows = new ArrayList<>();
  private final List<String> pools = new ArrayList<>();
  private final List<Long> channels = new ArrayList<>();

  /** For each tensor whether it is counted in the blocked layout. */
  private final List<Boolean> isBlocked = new ArrayList<>();

  NativeCount(Graph graph, ImageSizes sizes) {
    this.graph = graph;
    this.sizes = sizes;
    poolIsFree = !hasPool(graph);
  }

  private static boolean hasPool(Graph graph) {
    return graph.allNodes().stream().anyMatch(node -> node.op().equals(POOL));
  }

  /** Makes the nodes that follow the tensor's producer. */
  void emit(Ops ops, Node producer, String x, TensorType type) {
    boolean inLayout =
        poolIsFree
            && pooled.suits(graph, producer, type)
            && sizes.knows(x)
            && sizes.channels(x) % BlockedCount.BLOCK == 0;
    if (inLayout) {
      pools.add(ops.op(POOL, x));
      channels.add(sizes.channels(x));
    } else {
      rows.add(ops.foreign(DOMAIN, operator(type.element()), x));
    }
    isBlocked.add(inLayout);
  }

  private static String operator(ElementType type) {
    return switch (FloatKind.of(type)) {
      case FLOAT32 -> PREFIX + "CountFloat";
      case FLOAT64 -> PREFIX + "CountDouble";
      case FLOAT16 -> PREFIX + "CountFloat16";
      case BFLOAT16 -> PREFIX + "CountBFloat16";
    };
  }

  /** Number of tensors that are counted in the blocked layout. */
  int blocked() {
    return pools.size();
  }

  /** Makes the nodes that put all rows together, in order, into an int64 tensor [tensors, 3]. */
  void finish(Ops ops, String output) {
    List<String> parts = new ArrayList<>(rows);
    if (!pools.isEmpty()) {
      String all = pools.size() == 1 ? pools.get(0) : ops.concat(pools, 1);
      parts.add(ops.foreign(DOMAIN, PREFIX + "Rows", "channels", channels, all));
    }
    String all = parts.size() == 1 ? parts.get(0) : ops.concat(parts, 0);
    ops.opTo(output, "Gather", all, ops.int64s(order()));
  }

  /** Where each row lies: those of the blocked layout lie last. */
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
