package io.sparsescope.it.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.it.Browser;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/**
 * Pages of real nets and a real service, driven as a reader would. Pictures lie in target/report.
 */
class RealReportsIT {
  @TempDir static Path folder;
  private static Browser browser;
  private static OpenPage page;
  private static RealReports reports;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start().orElse(null);
    assumeTrue(browser != null, "no Chromium");
    page = new OpenPage(browser);
    reports = new RealReports(folder);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void resnet20ProfiledAndSearched() throws Exception {
    Optional<Path> file = reports.resnet20();
    assumeTrue(file.isPresent(), "../shared is absent");
    drive(file.get(), "resnet20", "Conv_14");
    page.show("plots");
    page.scrollTo("resnet20_cifar10.onnx.search: threshold against accuracy");
    page.picture("resnet20-search");
    assertThat(browser.<Boolean>js("return data.tables.every(t => !/paper/.test(t.columns))"))
        .as("none of the paper's nets")
        .isTrue();
  }

  @Test
  void lenetTrainedProfiledAndSearched() throws Exception {
    Optional<Path> file = reports.lenet();
    assumeTrue(file.isPresent(), "../shared is absent");
    drive(file.get(), "lenet", "conv2");
    page.show("graph");
    assertThat(page.text("#detail"))
        .contains("Gradients over training: training", "L2 52.8 %, L1 66.2 %");
    assertThat(
            browser.<Long>js(
                "return charts.find(c => c.figure.name.startsWith('Gradients of conv2'))"
                    + ".instance.getOption().series[0].data.length"))
        .isEqualTo(RealReports.STEPS);
    page.picture("lenet-history");
    assertThat(browser.<List<String>>js("return data.tables[0].columns"))
        .contains("weights ours", "weights paper L2", "activations paper L1");
  }

  @Test
  void miniLmUnderTheAgent() throws Exception {
    drive(reports.miniLm(), "minilm", null);
    assertThat(
            browser.<Long>js(
                "return data.profiles[0].model.taps.filter(t => t.kind === 'activation').length"))
        .isEqualTo(36);
  }

  @Test
  void residualNetWithFiveHundredTaps() throws Exception {
    drive(reports.deep(), "deep-resnet", "block3/unit_20/conv2");
    assertThat(
            browser.<Long>js(
                "return data.profiles[0].model.taps.filter(t => t.kind === 'activation').length"))
        .isGreaterThan(500);
  }

  /**
   * Opens every view, wide and light, narrow and dark; chooses a layer by key, by search and by
   * pointer, folds a block, sorts a table.
   *
   * @param layer to look for; null for the last
   */
  private static void drive(Path file, String name, String layer) throws Exception {
    String url = file.toUri().toString();
    browser.network();
    browser.complaints();
    look(url, name, 400, 800, true);
    look(url, name, 1600, 1000, false);
    page.show("graph");
    page.element(".vertex[tabindex='0']").sendKeys(Keys.ARROW_DOWN, Keys.ENTER);
    assertThat(page.text("#detail h2")).isNotEqualTo("Nothing chosen");
    fold();
    String wanted = layer == null ? last() : layer;
    page.element("#find").sendKeys(wanted, Keys.ENTER);
    assertThat(page.text("#detail h2")).isEqualTo(wanted);
    page.node(wanted).click();
    assertThat(page.text("#detail h2")).isEqualTo(wanted);
    assertThat(page.text("#pattern")).isEqualTo("layer:" + wanted);
    page.settle();
    page.picture(name + "-node");
    page.show("tables");
    sort();
    assertThat(browser.complaints()).isEmpty();
    assertThat(page.requested()).isNotEmpty().allSatisfy(u -> assertThat(u).startsWith(url));
    assertThat(browser.<Long>js("return performance.getEntriesByType('resource').length")).isZero();
  }

  private static void look(String url, String name, int width, int height, boolean dark)
      throws Exception {
    browser.open(url, width, height, dark);
    assertThat(page.views()).contains("overview", "graph", "tables", "plots");
    for (String view : page.views()) {
      page.show(view);
      assertThat(page.width()).as(view).isLessThanOrEqualTo(width);
      assertThat(page.count(".view.shown *")).as(view).isGreaterThan(10);
      page.picture("%s-%s-%d%s".formatted(name, view, width, dark ? "-dark" : ""));
    }
  }

  private static void fold() {
    if (page.count("[data-fold]") == 0) {
      return;
    }
    page.click("[aria-label='Unfold all blocks']");
    long open = page.nodes();
    browser.js("document.querySelector('[data-fold]').dispatchEvent(new Event('click'))");
    assertThat(page.nodes()).isLessThan(open);
    page.click("[aria-label='Unfold all blocks']");
    assertThat(page.nodes()).isEqualTo(open);
  }

  private static String last() {
    return browser.js("return data.graphs[0].graph.vertices.filter(v => v.layer).pop().layer");
  }

  /** The first table by its last column. */
  private static void sort() {
    int columns = Math.toIntExact(page.count("#tables .table:first-child thead th"));
    page.click("#tables .table:first-child thead th:nth-child(%d) button".formatted(columns));
    assertThat(OpenPage.numbers(page.cells(columns)))
        .isNotEmpty()
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
  }
}
