package io.sparsescope.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableFormatTest {
  private static final String NAME = "/a_b/c|d{1}$&#%~^\\<x>[0],\"q\"*\n&";

  @Test
  void latexTakesEveryNameAsText() {
    assertThat(TableFormat.LATEX.write(List.of(table(NAME))))
        .contains(
            "\n/a\\_b/c\\textbar{}d\\{1\\}\\$\\&\\#\\%\\textasciitilde{}\\textasciicircum{}"
                + "\\textbackslash{}\\textless{}x\\textgreater{}{[}0{]},\"q\"{*} \\& & 0.500 & -- \\\\\n")
        .contains("layer & weights & activations \\\\\n");
  }

  @Test
  void markdownTakesEveryNameAsText() {
    assertThat(TableFormat.MARKDOWN.write(List.of(table(NAME))))
        .contains(
            "\n| /a\\_b/c\\|d\\{1\\}\\$\\&\\#%\\~^\\\\\\<x\\>\\[0\\],\"q\"\\* \\& | 0.500 | - |\n");
  }

  @Test
  void csvQuotesAndLeavesOutWhatIsNotKnown() {
    assertThat(TableFormat.CSV.write(List.of(table(NAME))))
        .isEqualTo(
            "net,layer,weights,activations\nn,\"" + NAME.replace("\"", "\"\"") + "\",0.5,\n");
    ReportTable.Row row = new ReportTable.Row("y", List.of(0.25));
    ReportTable other =
        new ReportTable(
            "", "m", "layer", List.of(new ReportTable.Column("weights", "L1")), List.of(row));
    assertThat(TableFormat.CSV.write(List.of(table("x"), other)))
        .isEqualTo("net,layer,weights,activations,weights L1\nn,x,0.5,,\nm,y,,,0.25\n");
    assertThat(TableFormat.CSV.write(List.of())).isEqualTo("layer\n");
  }

  @Test
  void textIsAlignedAndOfOneLineARow() {
    assertThat(TableFormat.TEXT.write(List.of(table("x\ty"))))
        .isEqualTo("c\n\nlayer  weights  activations\nx y      0.500            -\n");
  }

  @Test
  void sharesAreNeverRoundedToNothingOrAll() {
    assertThat(TableFormat.share(0.0)).isEqualTo("0.000");
    assertThat(TableFormat.share(1e-9)).isEqualTo("<0.001");
    assertThat(TableFormat.share(0.0005)).isEqualTo("0.001");
    assertThat(TableFormat.share(0.99999)).isEqualTo(">0.999");
    assertThat(TableFormat.share(1.0)).isEqualTo("1.000");
    assertThat(TableFormat.share(1.018)).isEqualTo("1.018");
    assertThat(TableFormat.share(null)).isEqualTo("-");
  }

  private static ReportTable table(String name) {
    return new ReportTable(
        "c",
        "n",
        "layer",
        List.of(new ReportTable.Column("weights", ""), new ReportTable.Column("activations", "")),
        List.of(new ReportTable.Row(name, Arrays.asList(0.5, null))));
  }
}
