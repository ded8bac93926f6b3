package io.sparsescope.it.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.it.Browser;
import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;

/** One service and one browser for all tests; the last test ends the service. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LivePageIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Pattern ADDRESS = Pattern.compile("http://(127\\.0\\.0\\.1:[0-9]+)");
  private static final String DEEP = "deep500.onnx";
  private static final String HOSTILE = "<img src=x onerror=\"window.hacked=1\">.onnx";
  private static final String SCRIPT = "\"><script>window.hacked=2</script>'&lt;\u202e";

  /** The rows of the table of layers as the page has them. */
  private static final String ROWS =
      """
      const heads = [...document.querySelectorAll('#table thead th')].map(h => h.textContent);
      return [...document.querySelectorAll('#table tbody tr')].map(row => {
        const of = title => row.cells[heads.indexOf(title)].textContent;
        const [bar, fill, run] = ['.meter', '.meter b', '.meter u'].map(e => row.querySelector(e));
        return {
          name: of('layer'), share: of('sparsity'), zeros: of('zeros'), elements: of('elements'),
          least: of('least'), most: of('most'),
          fill: fill.style.width, left: run.style.left, width: run.style.width,
          drawn: fill.getBoundingClientRect().width / bar.getBoundingClientRect().width,
        };
      });
      """;

  /** The plot in a place of the page; what follows asks it for something. */
  private static final String PLOT =
      "const plot = charts.find(c => c.host.parentElement.id === arguments[0]);"
          + " const option = plot && plot.instance ? plot.instance.getOption() : null; return ";

  @TempDir static Path folder;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Browser browser;
  private static CompletableFuture<ChildJvm.Result> service;
  private static String url;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start().orElse(null);
    assumeTrue(browser != null, "no Chromium");
    List<String> models = new ArrayList<>();
    models.add(folder.toString());
    models.add(
        PageModels.write(
                folder.resolve(DEEP),
                500,
                i -> "/encoder/stage.%d/block.%d/dense_%03d".formatted(i / 100, i / 10 % 10, i))
            .toString());
    models.add(
        PageModels.write(folder.resolve(HOSTILE), 3, i -> SCRIPT + (i < 0 ? "graph" : i))
            .toString());
    Repository.shared("models/resnet20_cifar10/resnet20_cifar10.onnx")
        .ifPresent(model -> models.add(model.toString()));
    ChildJvm child =
        ChildJvm.of(Jdk.current(), PageProgram.class.getName())
            .classPath(List.of(locate(PageProgram.class), locate(OrtEnvironment.class)))
            .options("-Xmx256m")
            .agent(Repository.agentJar(), "metrics=0,out=none,log=info")
            .arguments(models.toArray(new String[0]))
            .limit(Duration.ofMinutes(5));
    run(true);
    service = CompletableFuture.supplyAsync(child::run);
    url = "http://" + await(LivePageIT::address) + "/";
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (service != null) {
      end();
    }
  }

  @Test
  @Order(1)
  void listsModelsAndTellsOfTheService() throws Exception {
    open(1600, 1000, false);
    List<String> names = await(() -> sameSize(texts("#models tbody td:first-child"), 2));

    assertThat(names).isEqualTo(profile().models().stream().map(ModelProfile::name).toList());
    assertThat(text("#service")).matches("io\\.sparsescope\\..*PageProgram \\(pid [0-9]+\\)");
    assertThat(text("#facts")).contains("ONNX Runtime 1.", "0 failures", "0 drops", "up ");
    assertThat(text("#live")).startsWith("live");
    assertThat(browser.<String>js("return document.getElementById('download').href"))
        .isEqualTo(url + "profile.json");
  }

  @Test
  @Order(2)
  void barsShowWhatTheProfileSays() throws Exception {
    run(false);
    open(1600, 1000, false);
    choose(DEEP);
    Profile profile = settled();
    ModelProfile model = model(profile, DEEP);
    assertThat(model.runTaps()).hasSize(500);

    List<Map<String, Object>> rows = browser.js(ROWS);

    List<Number> bars = browser.js(PLOT + "option.series[0].data", "c-layers");

    assertThat(rows).hasSize(500);
    assertThat(bars).hasSize(500);
    for (int i = 0; i < rows.size(); i++) {
      TapProfile tap = model.runTaps().get(i);
      Map<String, Object> row = rows.get(i);
      assertThat(row.get("name")).isEqualTo(tap.layer());
      assertThat(row.get("zeros")).isEqualTo("%,d".formatted(tap.zeros()));
      assertThat(row.get("elements")).isEqualTo("%,d".formatted(tap.elements()));
      double sparsity = (double) tap.zeros() / tap.elements();
      assertThat(bars.get(i).doubleValue()).isCloseTo(100 * sparsity, within(.001));
      assertThat(percent(row.get("share"))).isCloseTo(100 * sparsity, within(.006));
      assertThat(percent(row.get("fill"))).isCloseTo(100 * sparsity, within(.001));
      assertThat(((Number) row.get("drawn")).doubleValue()).isCloseTo(sparsity, within(.005));
      assertThat(percent(row.get("left"))).isCloseTo(100 * tap.perRun().min(), within(.001));
      assertThat(percent(row.get("least"))).isCloseTo(100 * tap.perRun().min(), within(.006));
      assertThat(percent(row.get("most"))).isCloseTo(100 * tap.perRun().max(), within(.006));
      assertThat(percent(row.get("width")))
          .isCloseTo(100 * (tap.perRun().max() - tap.perRun().min()), within(.002));
    }
    run(true);
  }

  @Test
  @Order(3)
  void chartsGrowAndShowChosenLayers() throws Exception {
    open(1600, 1000, false);
    choose(DEEP);
    int before = await(() -> atLeast(points("c-sparsity"), 1));
    click("#table tbody tr");
    assertThat(lines("c-sparsity")).hasSize(2).element(1).asString().endsWith("dense_000");
    assertThat(text("#detail h2")).contains("dense_000");

    int after = await(() -> atLeast(points("c-sparsity"), before + 1));

    assertThat(after).isGreaterThan(before);
    assertThat(lines("c-sparsity")).hasSize(2);
    assertThat(points("c-runs")).isGreaterThanOrEqualTo(after);
    picture("chosen");
    click("#line");
    assertThat(lines("c-sparsity")).containsExactly("all layers");
    JsonNode series = series();
    int last = series.path("end").size() - 1;
    JsonNode deep = series.path("models").get(0);
    assertThat(deep.path("name").asText()).isEqualTo(DEEP);
    assertThat(deep.path("layers")).hasSize(500);
    assertThat(deep.path("runsPerSecond").get(last).asDouble()).isPositive();
    assertThat(deep.path("zeros").get(last).asDouble() / deep.path("elements").get(last).asDouble())
        .isCloseTo(deep.path("sparsity").get(last).asDouble(), within(1e-5));
  }

  @ParameterizedTest
  @CsvSource({"360, 740, false", "360, 740, true", "1600, 1000, false", "1600, 1000, true"})
  @Order(4)
  void fiveHundredLayersStayReadable(int width, int height, boolean dark) throws Exception {
    open(width, height, dark);
    choose(DEEP);
    await(
        () -> browser.<Boolean>js("return !document.getElementById('overview').hidden") ? 1 : null);

    assertThat(browser.<Long>js("return document.documentElement.scrollWidth"))
        .isLessThanOrEqualTo(browser.<Long>js("return innerWidth"))
        .isLessThanOrEqualTo(width);
    assertThat(texts("#table tbody tr")).hasSize(500);
    assertThat(browser.<Long>js(PLOT + "option.series[0].data.length", "c-layers")).isEqualTo(500);
    assertThat(
            browser.<Double>js(
                """
                const sizes = [...document.querySelectorAll('body *')]
                    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
                    .filter(e => e.getClientRects().length && !e.closest('.sr'))
                    .map(e => parseFloat(getComputedStyle(e).fontSize));
                return Math.min(...sizes) + .001;
                """))
        .as("smallest letters, in pixels")
        .isGreaterThanOrEqualTo(12);
    assertThat(
            browser.<Double>js(
                """
                const heights = [...document.querySelectorAll('#table tbody tr')]
                    .map(e => e.getBoundingClientRect().height);
                return Math.min(...heights) + .001;
                """))
        .as("lowest row, in pixels")
        .isGreaterThanOrEqualTo(24);
    assertThat(
            browser.<Double>js(
                """
                const widths = [...document.querySelectorAll('#table tbody tr')]
                    .flatMap(row => [row.cells[0], row.querySelector('.meter')])
                    .map(e => e.getBoundingClientRect().width);
                return Math.min(...widths) + .001;
                """))
        .as("narrowest name or bar, in pixels")
        .isGreaterThanOrEqualTo(60);
    assertThat(
            browser
                .<Number>js(
                    """
                    return Math.max(...[...document.querySelectorAll('#table .meter')]
                        .map(e => e.getBoundingClientRect().right));
                    """)
                .doubleValue())
        .as("bars are in sight beside the names, without scrolling sideways")
        .isLessThan(width);
    assertThat(contrast("body")).isGreaterThan(7);
    assertThat(contrast("#table tbody td:nth-child(3)")).isGreaterThan(7);
    assertThat(contrast("#hint")).isGreaterThan(4.5);
    assertThat(browser.complaints()).isEmpty();
    String name = "deep-%d%s".formatted(width, dark ? "-dark" : "");
    picture(name);
    browser.js("document.getElementById('layers').scrollIntoView()");
    picture(name + "-layers");
  }

  @Test
  @Order(5)
  void keyboardSearchAndSortingReachEveryLayer() throws Exception {
    open(1280, 900, false);
    choose(DEEP);
    WebElement first =
        browser.driver().findElement(By.cssSelector("#table tbody tr[tabindex='0']"));

    first.sendKeys(Keys.END);
    await(() -> text("#detail").contains("dense_499") ? true : null);
    double head =
        browser
            .<Number>js(
                """
                return document.querySelector('#table thead th').getBoundingClientRect().top
                    - document.querySelector('#table .scroll').getBoundingClientRect().top;
                """)
            .doubleValue();
    assertThat(head).as("the header stays in sight").isBetween(-1.0, 2.0);
    browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
    assertThat(lines("c-sparsity").get(1)).endsWith("dense_499");

    browser.driver().findElement(By.id("search")).sendKeys("dense_12");
    await(() -> text("#shown").equals("10 of 500") ? true : null);
    assertThat(texts("#table tbody tr")).hasSize(10);
    browser.js(
        "const s = document.getElementById('search'); s.value = '';"
            + " s.dispatchEvent(new Event('input'))");
    click("#table thead th:nth-child(2) button");
    List<Map<String, Object>> rows = await(() -> nonEmpty(browser.js(ROWS)));
    assertThat(rows).hasSize(500);
    List<Double> shares = rows.stream().map(row -> percent(row.get("share"))).toList();
    assertThat(shares).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    click("#table .bar button");
    String csv = await(() -> browser.js("return window.copied || null"));
    assertThat(csv.lines()).hasSize(501).first().asString().startsWith("layer,sparsity,zeros");
  }

  @Test
  @Order(5)
  void keysReadThePointsOfAPlot() throws Exception {
    open(1280, 900, false);
    choose(DEEP);
    await(() -> atLeast(points("c-sparsity"), 1));

    browser.driver().findElement(By.cssSelector("#c-sparsity .chart")).sendKeys(Keys.END);

    assertThat(text("#heard")).matches(".* to .*, all layers [0-9.]+ %");
  }

  /** What a person looks at stays where it is, and the browser's memory does not grow. */
  @Test
  @Order(5)
  void updatesChangeWhatIsThereAndMakeNothingNew() throws Exception {
    open(1280, 900, false);
    choose(DEEP);
    await(() -> atLeast(points("c-sparsity"), 1));
    browser
        .driver()
        .findElement(By.cssSelector("#table tbody tr[tabindex='0']"))
        .sendKeys(Keys.PAGE_DOWN, Keys.PAGE_DOWN);
    browser.js(
        "window.before = [document.activeElement, document.querySelector('#table .scroll').scrollTop,"
            + " document.querySelectorAll('*').length, charts.length, state.updated]");

    await(() -> browser.<Boolean>js("return state.updated > before[4]") ? true : null);
    browser.js("for (let i = 0; i < 10; i++) render()");

    assertThat(browser.<Boolean>js("return document.activeElement === before[0]")).isTrue();
    assertThat(browser.<String>js("return before[0].tagName")).isEqualTo("TR");
    assertThat(
            browser.<Boolean>js(
                "return document.querySelector('#table .scroll').scrollTop === before[1]"))
        .isTrue();
    assertThat(browser.<Boolean>js("return document.querySelectorAll('*').length === before[2]"))
        .isTrue();
    assertThat(browser.<Boolean>js("return charts.length === before[3]")).isTrue();
  }

  @Test
  @Order(6)
  void namesFromModelFilesAreTextAndNothingElse() throws Exception {
    open(1280, 900, false);
    choose(HOSTILE);
    await(() -> texts("#table tbody tr").size() == 3 ? true : null);
    click("#table tbody tr");
    await(() -> text("#detail").contains("<script>window.hacked=2</script>") ? true : null);

    assertThat(text("#name")).isEqualTo(HOSTILE);
    assertThat(texts("#table tbody td:first-child").get(0)).contains(SCRIPT);
    assertThat(browser.<Object>js("return window.hacked === undefined")).isEqualTo(true);
    assertThat(browser.<Long>js("return document.querySelectorAll('img, iframe, object').length"))
        .isZero();
    assertThat(
            browser.<Boolean>js(
                "return [...document.scripts].every(s => s.src.startsWith(location.origin + '/')"
                    + " && !s.textContent)"))
        .isTrue();
    assertThat(browser.complaints()).isEmpty();
    picture("hostile");
  }

  @Test
  @Order(7)
  void asksTheServiceAndNobodyElse() throws Exception {
    browser.network();
    open(1280, 900, false);
    choose(DEEP);
    await(() -> atLeast(points("c-sparsity"), 1));

    List<String> resources =
        browser.js("return performance.getEntriesByType('resource').map(e => e.name)");
    assertThat(resources).isNotEmpty().allSatisfy(name -> assertThat(name).startsWith(url));
    List<String> requested = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    for (String line : browser.network()) {
      JsonNode message = json.readTree(line).path("message");
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        requested.add(message.path("params").path("request").path("url").asText());
      }
    }
    assertThat(requested)
        .contains(url)
        .allSatisfy(name -> assertThat(name).matches(Pattern.quote(url) + ".*|data:.*"));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  @Order(8)
  void tellsWhenTheServiceIsGone() throws Exception {
    open(1280, 900, false);
    await(() -> text("#live").startsWith("live") ? true : null);
    assertThat(visible("#lost")).isFalse();

    end();

    await(() -> visible("#lost") ? true : null);
    assertThat(text("#lost")).contains("Connection lost", "What you see is from");
    assertThat(text("#live")).isEqualTo("connection lost");
  }

  /** Waits for the first answers to be on the page. */
  private static void open(int width, int height, boolean dark) throws Exception {
    browser.open(url, width, height, dark);
    await(() -> texts("#models tbody tr").isEmpty() ? null : true);
    browser.complaints();
  }

  /** Chooses a model and waits until its layers are there. */
  private static void choose(String model) throws Exception {
    browser.js(
        "[...document.querySelectorAll('#models tbody tr')]"
            + ".find(row => row.cells[0].textContent === arguments[0]).click()",
        model);
    await(
        () ->
            text("#name").equals(model) && text("#table h2").equals("Layers of " + model)
                ? true
                : null);
  }

  /** The profile, once no run is under way and the page shows it. */
  private static Profile settled() throws Exception {
    return await(
        () -> {
          Profile profile = profile();
          TapProfile first = model(profile, DEEP).runTaps().get(0);
          List<Map<String, Object>> rows = browser.js(ROWS);
          return rows.get(0).get("elements").equals("%,d".formatted(first.elements()))
                  && profile.equals(profile())
              ? profile
              : null;
        });
  }

  private static void run(boolean wanted) throws IOException {
    Path file = folder.resolve("run");
    if (wanted && !Files.exists(file)) {
      Files.createFile(file);
    } else if (!wanted) {
      Files.deleteIfExists(file);
    }
  }

  private static void end() throws IOException {
    Path file = folder.resolve("stop");
    if (!Files.exists(file)) {
      Files.createFile(file);
    }
    service.join().orThrow();
  }

  private static String address() throws IOException {
    if (service.isDone()) {
      throw new IllegalStateException("the service has ended: " + service.join().orThrow());
    }
    Path err = folder.resolve("err");
    Matcher matcher = ADDRESS.matcher(Files.exists(err) ? Files.readString(err) : "");
    return matcher.find() ? matcher.group(1) : null;
  }

  private static Profile profile() throws Exception {
    return Profile.parse("profile.json", get("profile.json"));
  }

  private static JsonNode series() throws Exception {
    return new ObjectMapper().readTree(get("series.json"));
  }

  private static String get(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + path)).build();
    return CLIENT.send(request, BodyHandlers.ofString()).body();
  }

  private static ModelProfile model(Profile profile, String name) {
    return profile.models().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  /** How many known points the first line of a plot has; 0 if there is no plot yet. */
  private static int points(String place) {
    return browser
        .<Long>js(
            PLOT
                + "option ? option.series[0].data.filter(p => p[1] !== null && p[1] !== undefined).length : 0",
            place)
        .intValue();
  }

  private static List<String> lines(String place) {
    return browser.js(PLOT + "option.series.map(line => line.name)", place);
  }

  /** Kept in target/live. */
  private static void picture(String name) throws IOException {
    Files.write(
        Repository.target("live").resolve(name + ".png"),
        browser.driver().getScreenshotAs(OutputType.BYTES));
  }

  /** Contrast of an element's text to the nearest background behind it, as WCAG has it. */
  private static double contrast(String selector) {
    return browser
        .<Number>js(
            """
            const luminance = text => {
              const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map(v => v / 255)
                  .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
              return .2126 * r + .7152 * g + .0722 * b;
            };
            let e = document.querySelector(arguments[0]);
            const front = luminance(getComputedStyle(e).color);
            while (getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;
            const back = luminance(getComputedStyle(e).backgroundColor);
            return (Math.max(front, back) + .05) / (Math.min(front, back) + .05);
            """,
            selector)
        .doubleValue();
  }

  private static List<String> texts(String selector) {
    return browser.js(
        "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector);
  }

  private static String text(String selector) {
    return browser.js(
        "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''", selector);
  }

  private static boolean visible(String selector) {
    return browser.js(
        "return document.querySelector(arguments[0]).getClientRects().length > 0", selector);
  }

  private static void click(String selector) {
    browser.driver().findElement(By.cssSelector(selector)).click();
  }

  private static double percent(Object text) {
    return Double.parseDouble(text.toString().replaceAll("[%\\s\u00a0]", ""));
  }

  private static List<String> sameSize(List<String> list, int atLeast) throws Exception {
    return list.size() >= atLeast && list.size() == profile().models().size() ? list : null;
  }

  private static Integer atLeast(int value, int wanted) {
    return value >= wanted ? value : null;
  }

  private static <T> List<T> nonEmpty(List<T> list) {
    return list.isEmpty() ? null : list;
  }

  /** Asks until there is an answer other than null. */
  private static <T> T await(Callable<T> question) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      T answer = question.call();
      if (answer != null) {
        return answer;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not within " + LIMIT);
  }

  private static Path locate(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
