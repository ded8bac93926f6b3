package io.sparsescope.cli;

import io.sparsescope.experiments.WeightCounter;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.WeightCounts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

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
          layer.activation(),
          String.join(", ", layer.weights()));
    }
    table.print(to);
  }

  void print(WeightCounter.Result counted) {
    to.println();
    Counts weights = table("weight", counted.weights());
    to.println();
    Counts biases = table("bias", counted.biases());
    to.println();
    for (SkippedTap skip : counted.skipped()) {
      to.printf("not counted: %s (%s): %s%n", skip.tensor(), skip.node(), skip.reason());
    }
    total("weights", weights);
    total("biases", biases);
    total("together", weights.plus(biases));
    to.println(
        "Weights are what layers multiply with (of Conv, Gemm, MatMul, recurrent, attention nodes);"
            + " a tensor that several layers share is counted once.");
  }

  private Counts table(String kind, List<WeightCounts> counted) {
    Table table = new Table("layer", kind, "type", "elements", "non-zero", "zeros", "sparsity");
    Counts sum = Counts.NONE;
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
      sum = sum.plus(c);
    }
    table.print(to);
    return sum;
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
