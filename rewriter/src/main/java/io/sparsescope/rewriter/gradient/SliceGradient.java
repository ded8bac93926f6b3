package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Slice: the gradient where its elements were taken from, 0 elsewhere. An axis with a step other
 * than 1 gets one 0 behind its elements, and a Gather chooses between them.
 */
final class SliceGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    int rank = node.rank(node.input(0));
    long[] pads = new long[2 * rank];
    Map<Integer, long[]> gathered = new TreeMap<>();
    for (SliceRange range : SliceRange.of(node)) {
      if (range.step() == 1) {
        pads[range.axis()] = range.first();
        pads[rank + range.axis()] = range.dim() - range.first() - range.length();
      } else {
        pads[rank + range.axis()] = 1;
        gathered.put(range.axis(), range.origins());
      }
    }
    String dx = node.gradient();
    if (Arrays.stream(pads).anyMatch(p -> p > 0)) {
      dx = node.op("Pad", dx, node.int64s(pads));
    }
    for (Map.Entry<Integer, long[]> axis : gathered.entrySet()) {
      dx =
          node.op(
              "Gather",
              List.of(Nodes.integer("axis", axis.getKey())),
              dx,
              node.int64s(axis.getValue()));
    }
    node.give(0, dx);
  }
}
