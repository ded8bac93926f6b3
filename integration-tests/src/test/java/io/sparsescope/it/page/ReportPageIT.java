package io.sparsescope.it.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.it.Browser;
import io.sparsescope.it.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** Report pages, opened from disk in one browser. Pictures of them are kept in target/report. */
class ReportPageIT {
  private static final List<String> VIEWS =
      List.of("overview", "graph", "tables", "plots", "compare");
  private static final String EVIL =
      "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">'\u2028&lt;";

  @TempDir static Path folder;
  private static Browser browser;
  private static OpenPage page;
  private static String mixed;
  private static String deep;
  private static String hostile;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start().orElse(null);
    assumeTrue(browser != null, "no Chromium");
    page = new OpenPage(browser);
    ReportFixtures fixtures = new ReportFixtures(folder);
    mixed = fixtures.mixed().toUri().toString();
    deep = fixtures.deep().toUri().toString();
    hostile = fixtures.hostile(EVIL).toUri().toString();
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"400, 800, false", "400, 800, true", "1600, 1000, false", "1600, 1000, true"})
  void everyViewFitsAndComplainsOfNothing(int width, int height, boolean dark) throws Exception {
    browser.network();
    browser.open(mixed, width, height, dark);
    browser.complaints();
    for (String view : VIEWS) {
      page.show(view);
      assertThat(page.width()).as(view).isLessThanOrEqualTo(width);
      assertThat(browser.<Long>js("return document.querySelectorAll('.view.shown *').length"))
          .as(view)
          .isGreaterThan(10);
      page.picture("%s-%d%s".formatted(view, width, dark ? "-dark" : ""));
    }
    assertThat(browser.complaints()).isEmpty();
    assertThat(page.requested()).allSatisfy(url -> assertThat(url).startsWith(mixed));
    assertThat(browser.<Long>js("return performance.getEntriesByType('resource').length")).isZero();
  }

  @Test
  void chosenNodeShowsItsNumbersAndItsPattern() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("graph");

    page.node("block1/unit_1/conv1").click();

    assertThat(page.text("#detail h2")).isEqualTo("block1/unit_1/conv1");
    assertThat(page.text("#pattern")).isEqualTo("layer:block1/unit_1/conv1");
    String expected =
        browser.js(
            """
            const tap = data.profiles[0].model.taps.find(t => t.layer === 'block1/unit_1/conv1' && t.kind === 'activation');
            return tap.zeros.toLocaleString('en-US') + ' of ' + tap.elements.toLocaleString('en-US');
            """);
    assertThat(page.text("#detail dl")).contains(expected);
    page.click("#copy-pattern");
    page.await(
        () -> "layer:block1/unit_1/conv1".equals(browser.js("return window.copied")) ? 1 : null);
  }

  @Test
  void chosenNodeShowsItsHistoryAndWhatThePaperHas() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("graph");

    page.node("block1/unit_1/conv3").click();
    page.settle();

    List<List<Number>> shown =
        browser.js(
            """
            const chart = charts.find(c => c.figure.name === 'History of block1/unit_1/conv3');
            return [chart.instance.getOption().series[0].data, data.profiles.map(p => 100 * p.model.taps.find(
                t => t.layer === 'block1/unit_1/conv3' && t.kind === 'activation').sparsity)];
            """);
    assertThat(shown.get(0)).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(shown.get(0).get(i).doubleValue())
          .isCloseTo(shown.get(1).get(i).doubleValue(), within(1e-3));
    }
    assertThat(page.text("#detail dl")).contains("L2 42.8 %, L1 40.7 %");
    assertThat(page.text("#detail")).as("another net's layer").doesNotContain("Gradients over");
    page.picture("graph-history");
    long charts = browser.js("return charts.length");
    page.node("block1/unit_1/conv1").click();
    page.node("conv1").click();
    assertThat(page.text("#detail")).as("another net's conv1").doesNotContain("Gradients over");
    assertThat(browser.<Long>js("return charts.length"))
        .as("old plots are gone")
        .isLessThanOrEqualTo(charts + 1);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void thePapersValuesStandBesideOurs() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("tables");
    List<String> columns =
        browser.js(
            "return data.tables.find(t => t.head === 'block').columns.filter(c => c.includes('paper'))");
    assertThat(columns)
        .containsExactly(
            "weights paper L2", "weights paper L1", "activations paper L2", "activations paper L1");
    page.show("plots");
    List<List<Number>> marks =
        browser.js(
            "return charts[0].instance.getOption().series.find(s => s.name === 'paper, activations L2').data");
    assertThat(marks.stream().map(m -> m.get(0).doubleValue()))
        .containsExactly(28.5, 42.8, 27.4, 67.3, 76.6, 0.);
    page.scrollTo("Accuracy and gradient sparsity against the threshold");
    page.picture("sweep");
  }

  @Test
  void blocksFoldAndUnfold() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("graph");
    long open = page.nodes();

    browser.js(
        "document.querySelector('[data-fold=\"block1/unit_1\"]').dispatchEvent(new Event('click'))");

    long folded = page.nodes();
    assertThat(folded).isLessThan(open);
    assertThat(page.names()).contains("block1/unit_1").doesNotContain("block1/unit_1/conv1");
    page.picture("graph-folded");
    browser.js(
        "document.querySelector('[data-fold=\"block1/unit_1\"]').dispatchEvent(new Event('click'))");
    assertThat(page.nodes()).isEqualTo(open);
  }

  @Test
  void keyboardWalksTheGraphAndSearchFinds() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("graph");
    WebElement first = browser.driver().findElement(By.cssSelector(".vertex[tabindex='0']"));
    first.sendKeys(Keys.ARROW_DOWN);
    browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
    assertThat(page.text("#detail h2")).isEqualTo(page.names().get(1));

    browser.driver().findElement(By.id("find")).sendKeys("LOGITS", Keys.ENTER);

    assertThat(page.text("#detail h2")).isEqualTo("logits");
    assertThat(browser.<Long>js("return document.querySelectorAll('.vertex.found').length"))
        .isPositive();
  }

  @Test
  void cutsAreShownInTheGraph() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("graph");

    page.click("#graph tbody tr");

    assertThat(browser.<Long>js("return document.querySelectorAll('.edge.crossing').length"))
        .isPositive();
    assertThat(
            browser.<List<String>>js(
                "return [...document.querySelectorAll('.part text')].map(t => t.textContent)"))
        .contains("1", "2");
    page.picture("graph-cut");
  }

  @Test
  void tablesSortByClickAndByKeyAndAreCopiedAsTheyStand() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("tables");
    List<String> before = page.cells(2);

    page.click("#tables thead th:nth-child(2) button");
    List<Double> falling = OpenPage.numbers(page.cells(2));
    assertThat(falling).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(
            browser.<String>js("return document.querySelector('#tables th:nth-child(2)').ariaSort"))
        .isEqualTo("descending");
    browser
        .driver()
        .findElement(By.cssSelector("#tables thead th:nth-child(2) button"))
        .sendKeys(Keys.ENTER);
    assertThat(OpenPage.numbers(page.cells(2))).isSortedAccordingTo(Double::compare);
    assertThat(page.cells(2)).containsExactlyInAnyOrderElementsOf(before);

    String markdown = page.copied(2);
    assertThat(markdown.lines().skip(2).map(line -> line.split(" \\| ")[0].substring(2)))
        .containsExactlyElementsOf(page.cells(1).stream().map(c -> c.replace("_", "\\_")).toList());
    assertThat(page.copied(1).lines()).hasSize(before.size() + 1);
    assertThat(page.copied(3))
        .startsWith("\\begin{table}\n")
        .endsWith("\\end{tabular}\n\\end{table}\n");
  }

  @Test
  void paperIsWhiteAndHasEveryView() throws Exception {
    browser.open(mixed, 1600, 1000, true);
    browser.js("window.dispatchEvent(new Event('beforeprint'))");
    Map<String, Object> pdf =
        browser.driver().executeCdpCommand("Page.printToPDF", Map.of("printBackground", true));
    byte[] bytes = Base64.getDecoder().decode(pdf.get("data").toString());
    Files.write(Repository.target("report").resolve("mixed.pdf"), bytes);

    assertThat(bytes.length).isGreaterThan(50_000);
    for (String view : VIEWS) {
      assertThat(
              browser.<Long>js(
                  "return document.getElementById(arguments[0]).childElementCount", view))
          .as(view)
          .isPositive();
    }
  }

  @Test
  void fiveHundredLayersStayQuick() throws Exception {
    browser.open(deep, 1600, 1000, false);
    page.show("graph");
    assertThat(page.nodes()).as("50 blocks and the input").isEqualTo(51);
    page.picture("deep-graph");
    page.click("[aria-label='Unfold all blocks']");
    assertThat(page.nodes()).as("500 layers and the input").isEqualTo(501);
    page.click("[aria-label='Fold all blocks']");
    assertThat(page.nodes()).isEqualTo(51);
    page.show("plots");
    assertThat(browser.<Long>js("return charts[0].instance.getOption().series[0].data.length"))
        .isEqualTo(500);
    page.picture("deep-plots");
    page.show("tables");
    assertThat(page.cells(1)).hasSize(500);
    assertThat(browser.complaints()).isEmpty();
  }

  /** The histogram's own steps, added up here from the profile's counts. */
  @Test
  void magnitudeCurvesEndAtAllElements() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("plots");
    List<List<Number>> curve =
        browser.js("return magnitudeCurve(data.profiles[0].model.taps.find(t => t.histogram))");
    long zeros = browser.js("return data.profiles[0].model.taps[0].zeros");
    long elements = browser.js("return data.profiles[0].model.taps[0].elements");

    assertThat(curve.get(0).get(1).doubleValue())
        .as("below the least magnitude lie zeros alone")
        .isCloseTo(100. * zeros / elements, within(1e-3));
    assertThat(curve.get(curve.size() - 1).get(1).doubleValue()).isEqualTo(100);
    assertThat(curve.stream().map(p -> p.get(0).doubleValue())).isSorted();
    assertThat(curve.stream().map(p -> p.get(1).doubleValue())).isSorted();
    page.scrollTo("before: sparsity at any threshold");
    page.picture("magnitudes");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void hundredThousandStepsAreAllOnThePage() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    page.show("plots");
    assertThat(browser.<Long>js("return data.series[0].steps.length"))
        .isEqualTo(ReportFixtures.STEPS);
    page.scrollTo("lenet: sparsity of gradients");
    page.picture("series");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void namesAreTextAndNothingElse() throws Exception {
    browser.open(hostile, 1280, 900, false);
    for (String view : List.of("overview", "graph", "tables", "plots")) {
      page.show(view);
      assertThat(browser.<Boolean>js("return window.hacked === undefined")).isTrue();
      assertThat(browser.<Long>js("return document.querySelectorAll('img, iframe, object').length"))
          .isZero();
      assertThat(browser.<Long>js("return document.scripts.length")).isEqualTo(5);
    }
    assertThat(page.text("#title")).isEqualTo(EVIL);
    page.show("graph");
    page.picture("hostile-graph");
    page.node(EVIL + 1).click();
    assertThat(page.text("#detail h2")).isEqualTo(EVIL + 1);
    assertThat(browser.complaints()).isEmpty();
  }
}
