package io.sparsescope.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.page.PageParts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The live page's files as they are served. */
class PageTest {
  private static final Map<String, Route> ROUTES =
      Routes.of(() -> null, query -> null, profile -> Optional.empty());

  @Test
  void asksTheAgentAloneForWhatItIsMadeOf() throws Exception {
    List<String> asked = new ArrayList<>();
    Matcher addresses =
        Pattern.compile("(?i)\\b(?:src|href)\\s*=\\s*[\"']([^\"']*)").matcher(text("/"));
    while (addresses.find()) {
      asked.add(addresses.group(1));
    }

    assertThat(asked)
        .filteredOn(address -> !address.startsWith("data:"))
        .hasSizeGreaterThan(8)
        .allMatch(address -> ROUTES.containsKey("/" + address));
    for (String path : ownAndShared()) {
      assertThat(text(path).replace("http://www.w3.org/2000/svg", ""))
          .as(path)
          .doesNotContainIgnoringCase("http:")
          .doesNotContainIgnoringCase("https:")
          .doesNotContain("@import", "url(");
    }
  }

  @Test
  void hasTheSharedScriptsInTheirOrder() throws Exception {
    String page = text("/");

    assertThat(PageParts.SCRIPTS).isNotEmpty();
    assertThat(
            Stream.concat(Stream.of("echarts.js"), PageParts.SCRIPTS.stream())
                .map(name -> page.indexOf("<script defer src=\"" + name + "\">")))
        .allMatch(at -> at > 0)
        .isSorted();
  }

  @Test
  void makesNoMarkupAndNoCodeFromText() throws Exception {
    for (String path : ownAndShared()) {
      assertThat(text(path))
          .as(path)
          .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
          .doesNotContain("DOMParser", "srcdoc", "eval(", "Function(", "javascript:");
    }
  }

  @Test
  void isAsItWasWritten() throws Exception {
    assertThat(text("/live.js"))
        .as("what the build may take for a property of its own")
        .contains("`${");
  }

  private static List<String> ownAndShared() {
    return Stream.concat(
            Stream.of("/", "/live.css", "/state.js", "/live.js", "/page.css"),
            PageParts.SCRIPTS.stream().map(name -> "/" + name))
        .toList();
  }

  private static String text(String path) throws Exception {
    return new String(ROUTES.get(path).answer(new Request("", "")).body(), UTF_8);
  }
}
