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
  private final Graph graph;
  private final ModelEdit edit;
  private final Ops ops;
  private final List<String> rows = new ArrayList<>();

  /**
   * @param graph the graph whose tensors are counted
   * @param edit where nodes are added
   * @param ops makes them
   */
  public Counting(Graph graph, ModelEdit edit, Ops ops) {
    this.graph = graph;
    this.edit = edit;
    this.ops = ops;
  }

  /** Counts a tensor of a float type behind its producer; returns its row. */
  public int count(Node producer, String tensor, TensorType type) {
    Ops counting = ops.under("count/" + tensor);
    rows.add(CountRecipe.of(graph, producer, type).emit(counting, tensor, type));
    edit.insertAfter(producer, counting.nodes());
    return rows.size() - 1;
  }

  /**
   * Adds the output, int64 [rows, 3]: elements, zeros, NaNs. Does nothing where nothing is counted.
   */
  public void finish(String output) {
    if (rows.isEmpty()) {
      return;
    }
    Ops end = ops.under("counts");
    String all = rows.size() == 1 ? rows.get(0) : end.concat(rows, 0);
    // From (elements, not zero, NaN): (elements, elements, NaN) - (0, not zero, 0).
    String nonzero = end.op("Mul", end.gather(all, 1, 1, 1, 1), end.row(0, 1, 0));
    end.opTo(output, "Sub", end.gather(all, 1, 0, 0, 2), nonzero);
    edit.append(end.nodes());
    edit.addOutput(Ops.info(output, ElementType.INT64, rows.size(), 3));
  }
}
