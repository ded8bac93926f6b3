package io.sparsescope.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PageTest {
  @Test
  void asksNobodyElseForAnything() throws IOException {
    String page = page().replace("http://www.w3.org/2000/svg", "");

    assertThat(page).doesNotContainIgnoringCase("http:").doesNotContainIgnoringCase("https:");
    assertThat(
            Pattern.compile("(?i)\\b(?:src|href)\\s*=\\s*[\"'](?!data:|profile\\.json)")
                .matcher(page)
                .find())
        .as("files beside the page")
        .isFalse();
    assertThat(page).doesNotContain("@import").doesNotContain("url(");
  }

  @Test
  void makesNoMarkupAndNoCodeFromText() throws IOException {
    assertThat(page())
        .doesNotContain("innerHTML")
        .doesNotContain("outerHTML")
        .doesNotContain("insertAdjacentHTML")
        .doesNotContain("document.write")
        .doesNotContain("DOMParser")
        .doesNotContain("srcdoc")
        .doesNotContain("eval(")
        .doesNotContain("Function(")
        .doesNotContain("javascript:");
  }

  @Test
  void isAsItWasWritten() throws IOException {
    assertThat(page()).as("what the build may take for a property of its own").contains("`${");
  }

  private static String page() throws IOException {
    try (InputStream in = Routes.class.getResourceAsStream("page.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
