package io.sparsescope.cli;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.WeightCounts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An inspection for people. */
final class InspectionText {
  private final PrintWriter to;

  InspectionText(PrintWriter to) {
    this.to = to;
  }

  void print(Inspection model) {
    to.printf(
        Locale.ROOT,
        "%s: %,d bytes, IR version %d, opsets %s, producer %s%n",
        model.model(),
        model.bytes(),
        model.irVersion(),
        model.opsets(),
        model.producer().isEmpty() ? "not named" : model.producer());
    to.println("sha256 " + model.sha256());
    model.inputs().forEach(port -> to.println("input   " + port.name() + "  " + port.type()));
    model.outputs().forEach(port -> to.println("output  " + port.name() + "  " + port.type()));
    to.println("operators " + model.operators());
    to.printf(
        Locale.ROOT,
        "%d initializers, %,d elements%n%n",
        model.initializers(),
        model.initializerElements());
    Table table = new Table("layer", "nodes", "activation (layer:*)", "weights");
    for (Inspection.LayerLine layer : model.layers()) {
      table.row(
          layer.layer(),
          String.join(" ", layer.nodes()),
          layer.activation().isEmpty() ? "-" : layer.activation(),
          String.join(", ", layer.weights()));
    }
    table.print(to);
  }

  void print(WeightInspection counted) {
    tensors("weight", counted.weights());
    if (counted.layersDifferFromWeights()) {
      sums("layer", counted.layers());
    }
    if (!counted.blocks().isEmpty()) {
      sums("block", counted.blocks());
    }
    if (!counted.biases().isEmpty()) {
      tensors("bias", counted.biases());
    }
    to.println();
    for (SkippedTap skip : counted.skipped()) {
      String tensor = skip.tensor().isEmpty() ? "" : skip.tensor() + " ";
      to.printf("not counted: %s(%s): %s%n", tensor, skip.node(), skip.reason());
    }
    total("weights", counted.totalWeights());
    if (counted.biasesAsked()) {
      total("biases", counted.totalBiases());
      total("together", counted.totalWeights().plus(counted.totalBiases()));
    }
    to.println(
        "Weights are what layers multiply with (Conv, Gemm, MatMul, recurrent, attention nodes) or"
            + " look rows up in (Gather). In sums a tensor that several layers read is counted"
            + " once.");
  }

  private void tensors(String kind, List<WeightCounts> counted) {
    Table table = new Table("layer", kind, "type", "elements", "non-zero", "zeros", "sparsity");
    for (WeightCounts w : counted) {
      Counts c = w.counts();
      table.row(
          w.weight().layer(),
          w.weight().tensor(),
          w.weight().type(),
          number(c.elements()),
          number(c.elements() - c.zeros()),
          number(c.zeros()),
          percent(c));
    }
    to.println();
    table.print(to);
  }

  private void sums(String kind, Map<String, Counts> sums) {
    Table table = new Table(kind, "elements", "non-zero", "zeros", "sparsity");
    sums.forEach(
        (name, c) ->
            table.row(
                name,
                number(c.elements()),
                number(c.elements() - c.zeros()),
                number(c.zeros()),
                percent(c)));
    to.println();
    table.print(to);
  }

  private void total(String what, Counts c) {
    to.printf(
        "%s: %s of %s elements are non-zero, sparsity %s%n",
        what, number(c.elements() - c.zeros()), number(c.elements()), percent(c));
  }

  private static String number(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String percent(Counts c) {
    return c.elements() == 0 ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * c.sparsity());
  }
}
