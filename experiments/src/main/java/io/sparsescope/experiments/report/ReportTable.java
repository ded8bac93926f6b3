package io.sparsescope.experiments.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table as every format writes it: a column of names, then columns of shares.
 *
 * @param caption a sentence or more; plain text
 * @param net the net that it is of; "" where its rows are nets
 * @param head what its rows are: layer, block or net
 * @param columns the columns behind the names; those of one group stand together
 * @param rows the rows
 */
public record ReportTable(
    String caption, String net, String head, List<Column> columns, List<Row> rows) {

  /**
   * A column of shares.
   *
   * @param group what is shown, for example weights
   * @param label of which variant, "" where there is one
   */
  public record Column(String group, String label) {
    /** Both in one. */
    String title() {
      return label.isEmpty() ? group : group + " " + label;
    }
  }

  /**
   * A row.
   *
   * @param name of the layer, block or net
   * @param values one a column: shares, null where not measured
   */
  public record Row(String name, List<Double> values) {
    public Row {
      // Not List.copyOf, which takes no nulls.
      values = Collections.unmodifiableList(new ArrayList<>(values));
    }
  }

  public ReportTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }
}
