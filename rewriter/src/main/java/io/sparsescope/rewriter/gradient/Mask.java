package io.sparsescope.rewriter.gradient;

import java.util.List;

/**
 * The mask of a Dropout: a float32 input of the step graph, whose values are 0 with probability
 * {@code ratio} and else 1 / (1 - ratio).
 *
 * @param name name of the step graph's input: {@code NODE/mask}
 * @param node name of the Dropout
 * @param dims shape, that of the Dropout's input; -1 for a dimension that only a run tells (the
 *     batch)
 * @param ratio share of the elements that are dropped, 0 to below 1
 */
public record Mask(String name, String node, List<Long> dims, float ratio) {
  public Mask {
    dims = List.copyOf(dims);
  }
}
