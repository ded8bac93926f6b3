package io.sparsescope.profile.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PagePartsTest {
  @Test
  void theBuildDependsOnTheVersionOfThePlotsLibraryThatIsNamed() {
    assertThat(new String(WebJar.ECHARTS.script(), StandardCharsets.UTF_8)).contains("dataZoom");
    assertThat(WebJar.ECHARTS.licence()).contains("Apache License");
  }

  @Test
  void everyPartIsThere() {
    assertThat(PageParts.text(PageParts.STYLE)).contains("prefers-color-scheme: dark");
    assertThat(PageParts.SCRIPTS).allMatch(name -> PageParts.bytes(name).length > 0);
  }

  @Test
  void tellsWhichPartIsMissing() {
    assertThatThrownBy(() -> PageParts.bytes("none.js"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("none.js is not on the class path");
  }
}
