package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelMatcherTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "* a.onnx true",
        "a.onnx a.onnx true",
        "a.onnx aXonnx false",
        "a*.onnx a/b.onnx true",
        "?.onnx ab.onnx false",
        "{a,b}* b2 true",
        "{a,b}* c false",
        "{a,b{1,2}} b2 true",
        "a[1] a[1] true",
        "a,b a,b true",
        "{a a true",
        "a} a} true"
      })
  void readsGlobs(String glob, String name, boolean matches) {
    assertThat(new ModelMatcher(glob).matchesName(name)).isEqualTo(matches);
  }

  @Test
  void looksAtFileNameAndGraphName() {
    ModelMatcher matcher = new ModelMatcher("detector*");

    assertThat(matcher.matches("detector.onnx", "main")).isTrue();
    assertThat(matcher.matches("model.onnx", "detector v2")).isTrue();
    assertThat(matcher.matches(null, "detector")).isTrue();
    assertThat(matcher.matches(null, "main")).isFalse();
  }
}
