package io.sparsescope.it.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.it.Browser;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;

/** A report page in a browser: what a reader does with it, and sees. */
record OpenPage(Browser browser) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** The views that the page has, in order. */
  List<String> views() {
    return browser.js(
        "return [...document.querySelectorAll('nav a')].map(a => a.id.slice('nav-'.length))");
  }

  void show(String view) throws Exception {
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
  void settle() {
    browser
        .driver()
        .executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + " requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60)))");
  }

  /** The width that the page takes, in pixels: more than the window's where something juts out. */
  long width() {
    return browser.js("return document.documentElement.scrollWidth");
  }

  WebElement node(String name) {
    return browser.js(
        "return [...document.querySelectorAll('.vertex')].find(g => g.dataset.name === arguments[0])",
        name);
  }

  long nodes() {
    return count(".vertex");
  }

  /** Names of the nodes in sight, in graph order. */
  List<String> names() {
    return browser.js("return [...document.querySelectorAll('.vertex')].map(g => g.dataset.name)");
  }

  /** Texts of a column, from 1 on, of the first table of the tables. */
  List<String> cells(int column) {
    return browser.js(
        "return [...document.querySelector('#tables table').querySelectorAll('tbody td:nth-child(' + arguments[0] + ')')]"
            + ".map(e => e.textContent)",
        column);
  }

  /** Shares as tables show them; what is not known is left out. */
  static List<Double> numbers(List<String> cells) {
    return cells.stream()
        .filter(c -> !c.equals("-"))
        .map(c -> c.equals("<0.001") ? .0005 : c.equals(">0.999") ? .9995 : Double.valueOf(c))
        .toList();
  }

  /** What a copy button of the first table gives. */
  String copied(int button) throws Exception {
    browser.js("window.copied = undefined");
    browser.js(
        "document.querySelectorAll('#tables .table')[0].querySelectorAll('.bar button')[arguments[0] - 1].click()",
        button);
    return await(() -> browser.js("return window.copied || null"));
  }

  /** Addresses that the browser has asked for since the last time. */
  List<String> requested() throws IOException {
    List<String> urls = new ArrayList<>();
    for (String line : browser.network()) {
      JsonNode message = new ObjectMapper().readTree(line).path("message");
      if (message.path("method").asText().equals("Network.requestWillBeSent")) {
        urls.add(message.path("params").path("request").path("url").asText());
      }
    }
    return urls;
  }

  /** Kept in target/report. */
  void picture(String name) throws IOException {
    Files.write(
        Repository.target("report").resolve(name + ".png"),
        browser.driver().getScreenshotAs(OutputType.BYTES));
  }

  /** Brings the plot of a name into sight and has it drawn. */
  void scrollTo(String plot) {
    browser.js(
        "document.querySelector('[aria-label=\"' + arguments[0] + '\"]').scrollIntoView()", plot);
    settle();
  }

  String text(String selector) {
    return browser.js(
        "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''", selector);
  }

  long count(String selector) {
    return browser.js("return document.querySelectorAll(arguments[0]).length", selector);
  }

  void click(String selector) {
    element(selector).click();
  }

  WebElement element(String selector) {
    return browser.driver().findElement(By.cssSelector(selector));
  }

  <T> T await(Callable<T> question) throws Exception {
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
