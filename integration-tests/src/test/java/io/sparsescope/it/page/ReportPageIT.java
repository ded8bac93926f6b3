package io.sparsescope.it.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.it.Browser;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;

/** Report pages, opened from disk in one browser. Pictures of them are kept in target/report. */
class ReportPageIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> VIEWS =
      List.of("overview", "graph", "tables", "plots", "compare");
  private static final String EVIL =
      "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=2\">'\u2028&lt;";

  @TempDir static Path folder;
  private static Browser browser;
  private static String mixed;
  private static String deep;
  private static String hostile;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start().orElse(null);
    assumeTrue(browser != null, "no Chromium");
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
      show(view);
      assertThat(browser.<Long>js("return document.documentElement.scrollWidth"))
          .as(view)
          .isLessThanOrEqualTo(width);
      assertThat(browser.<Long>js("return document.querySelectorAll('.view.shown *').length"))
          .as(view)
          .isGreaterThan(10);
      picture("%s-%d%s".formatted(view, width, dark ? "-dark" : ""));
    }
    assertThat(browser.complaints()).isEmpty();
    assertThat(requested()).allSatisfy(url -> assertThat(url).startsWith(mixed));
    assertThat(browser.<Long>js("return performance.getEntriesByType('resource').length")).isZero();
  }

  @Test
  void chosenNodeShowsItsNumbersAndItsPattern() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("graph");

    node("block1/unit_1/conv1").click();

    assertThat(text("#detail h2")).isEqualTo("block1/unit_1/conv1");
    assertThat(text("#pattern")).isEqualTo("layer:block1/unit_1/conv1");
    String expected =
        browser.js(
            """
            const tap = data.profiles[0].model.taps.find(t => t.layer === 'block1/unit_1/conv1' && t.kind === 'activation');
            return tap.zeros.toLocaleString('en-US') + ' of ' + tap.elements.toLocaleString('en-US');
            """);
    assertThat(text("#detail dl")).contains(expected);
    click("#copy-pattern");
    await(() -> "layer:block1/unit_1/conv1".equals(browser.js("return window.copied")) ? 1 : null);
  }

  @Test
  void blocksFoldAndUnfold() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("graph");
    long open = nodes();

    browser.js(
        "document.querySelector('[data-fold=\"block1/unit_1\"]').dispatchEvent(new Event('click'))");

    long folded = nodes();
    assertThat(folded).isLessThan(open);
    assertThat(names()).contains("block1/unit_1").doesNotContain("block1/unit_1/conv1");
    picture("graph-folded");
    browser.js(
        "document.querySelector('[data-fold=\"block1/unit_1\"]').dispatchEvent(new Event('click'))");
    assertThat(nodes()).isEqualTo(open);
  }

  @Test
  void keyboardWalksTheGraphAndSearchFinds() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("graph");
    WebElement first = browser.driver().findElement(By.cssSelector(".vertex[tabindex='0']"));
    first.sendKeys(Keys.ARROW_DOWN);
    browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
    assertThat(text("#detail h2")).isEqualTo(names().get(1));

    browser.driver().findElement(By.id("find")).sendKeys("LOGITS", Keys.ENTER);

    assertThat(text("#detail h2")).isEqualTo("logits");
    assertThat(browser.<Long>js("return document.querySelectorAll('.vertex.found').length"))
        .isPositive();
  }

  @Test
  void cutsAreShownInTheGraph() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("graph");

    click("#graph tbody tr");

    assertThat(browser.<Long>js("return document.querySelectorAll('.edge.crossing').length"))
        .isPositive();
    assertThat(
            browser.<List<String>>js(
                "return [...document.querySelectorAll('.part text')].map(t => t.textContent)"))
        .contains("1", "2");
    picture("graph-cut");
  }

  @Test
  void tablesSortByClickAndByKeyAndAreCopiedAsTheyStand() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("tables");
    List<String> before = cells(2);

    click("#tables thead th:nth-child(2) button");
    List<Double> falling = numbers(cells(2));
    assertThat(falling).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(
            browser.<String>js("return document.querySelector('#tables th:nth-child(2)').ariaSort"))
        .isEqualTo("descending");
    browser
        .driver()
        .findElement(By.cssSelector("#tables thead th:nth-child(2) button"))
        .sendKeys(Keys.ENTER);
    assertThat(numbers(cells(2))).isSortedAccordingTo(Double::compare);
    assertThat(cells(2)).containsExactlyInAnyOrderElementsOf(before);

    String markdown = copied(2);
    assertThat(markdown.lines().skip(2).map(line -> line.split(" \\| ")[0].substring(2)))
        .containsExactlyElementsOf(cells(1).stream().map(c -> c.replace("_", "\\_")).toList());
    assertThat(copied(1).lines()).hasSize(before.size() + 1);
    assertThat(copied(3)).startsWith("\\begin{table}\n").endsWith("\\end{tabular}\n\\end{table}\n");
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
    show("graph");
    assertThat(nodes()).as("50 blocks and the input").isEqualTo(51);
    picture("deep-graph");
    click("[aria-label='Unfold all blocks']");
    assertThat(nodes()).as("500 layers and the input").isEqualTo(501);
    click("[aria-label='Fold all blocks']");
    assertThat(nodes()).isEqualTo(51);
    show("plots");
    assertThat(browser.<Long>js("return charts[0].instance.getOption().series[0].data.length"))
        .isEqualTo(500);
    picture("deep-plots");
    show("tables");
    assertThat(cells(1)).hasSize(500);
    assertThat(browser.complaints()).isEmpty();
  }

  /** The histogram's own steps, added up here from the profile's counts. */
  @Test
  void magnitudeCurvesEndAtAllElements() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("plots");
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
    browser.js(
        "document.querySelector('[aria-label=\"before: sparsity at any threshold\"]').scrollIntoView()");
    settle();
    picture("magnitudes");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void hundredThousandStepsAreAllOnThePage() throws Exception {
    browser.open(mixed, 1600, 1000, false);
    show("plots");
    assertThat(browser.<Long>js("return data.series[0].steps.length"))
        .isEqualTo(ReportFixtures.STEPS);
    WebElement chart =
        browser.driver().findElement(By.cssSelector("[aria-label='lenet: sparsity of gradients']"));
    browser.js("arguments[0].scrollIntoView()", chart);
    settle();
    picture("series");
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void namesAreTextAndNothingElse() throws Exception {
    browser.open(hostile, 1280, 900, false);
    for (String view : List.of("overview", "graph", "tables", "plots")) {
      show(view);
      assertThat(browser.<Boolean>js("return window.hacked === undefined")).isTrue();
      assertThat(browser.<Long>js("return document.querySelectorAll('img, iframe, object').length"))
          .isZero();
      assertThat(browser.<Long>js("return document.scripts.length")).isEqualTo(5);
    }
    assertThat(text("#title")).isEqualTo(EVIL);
    show("graph");
    picture("hostile-graph");
    node(EVIL + 1).click();
    assertThat(text("#detail h2")).isEqualTo(EVIL + 1);
    assertThat(browser.complaints()).isEmpty();
  }

  private static void show(String view) throws Exception {
    click("#nav-" + view);
    await(
        () ->
            browser.<Boolean>js(
                    "return document.getElementById(arguments[0]).classList.contains('shown')",
                    view)
                ? 1
                : null);
    settle();
  }

  /** Waits until the page has drawn what it was about to. */
  private static void settle() {
    browser
        .driver()
        .executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + " requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))");
  }

  private static WebElement node(String name) {
    return browser.js(
        "return [...document.querySelectorAll('.vertex')].find(g => g.dataset.name === arguments[0])",
        name);
  }

  private static long nodes() {
    return browser.<Long>js("return document.querySelectorAll('.vertex').length");
  }

  private static List<String> names() {
    return browser.js("return [...document.querySelectorAll('.vertex')].map(g => g.dataset.name)");
  }

  private static List<String> cells(int column) {
    return browser.js(
        "return [...document.querySelector('#tables table').querySelectorAll('tbody td:nth-child(' + arguments[0] + ')')]"
            + ".map(e => e.textContent)",
        column);
  }

  private static List<Double> numbers(List<String> cells) {
    return cells.stream().filter(c -> !c.equals("-")).map(Double::valueOf).toList();
  }

  /** What a copy button of the first table gives. */
  private static String copied(int button) throws Exception {
    browser.js("window.copied = undefined");
    browser.js(
        "document.querySelectorAll('#tables .table')[0].querySelectorAll('.bar button')[arguments[0] - 1].click()",
        button);
    return await(() -> browser.js("return window.copied || null"));
  }

  private static List<String> requested() throws IOException {
    List<String> urls = new ArrayList<>();
    for (String line : browser.network()) {
      JsonNode message = new ObjectMapper().readTree(line).path("message");
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        urls.add(message.path("params").path("request").path("url").asText());
      }
    }
    return urls;
  }

  private static void picture(String name) throws IOException {
    Files.write(
        Repository.target("report").resolve(name + ".png"),
        browser.driver().getScreenshotAs(OutputType.BYTES));
  }

  private static String text(String selector) {
    return browser.js(
        "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''", selector);
  }

  private static void click(String selector) {
    browser.driver().findElement(By.cssSelector(selector)).click();
  }

  private static <T> T await(Callable<T> question) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      T answer = question.call();
      if (answer != null) {
        return answer;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("not within " + LIMIT);
  }
}
