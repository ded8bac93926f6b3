package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DataSpecTest {

  @Test
  void readsEveryForm() {
    assertThat(DataSpec.parse("idx:a/b"))
        .isEqualTo(spec(DataSpec.Kind.IDX, "a/b", Optional.empty(), false, 0));
    assertThat(DataSpec.parse("cifar10:a#train"))
        .isEqualTo(spec(DataSpec.Kind.CIFAR10, "a", Optional.empty(), true, 0));
    assertThat(DataSpec.parse("cifar100:C:/a#test"))
        .isEqualTo(spec(DataSpec.Kind.CIFAR100, "C:/a", Optional.empty(), false, 0));
    assertThat(DataSpec.parse("npy:x.npy,y.npy"))
        .isEqualTo(spec(DataSpec.Kind.NPY, "x.npy", Optional.of(Path.of("y.npy")), false, 0));
    assertThat(DataSpec.parse("images:a"))
        .isEqualTo(spec(DataSpec.Kind.IMAGES, "a", Optional.empty(), false, 0));
    assertThat(DataSpec.parse("random"))
        .isEqualTo(spec(DataSpec.Kind.RANDOM, "", Optional.empty(), false, 0));
    assertThat(DataSpec.parse("random:-7"))
        .isEqualTo(spec(DataSpec.Kind.RANDOM, "", Optional.empty(), false, -7));
  }

  @Test
  void saysWhatItDoesNotKnow() {
    assertFails("mnist:a", "--data mnist:a is unknown; write idx:DIR, cifar10:DIR");
    assertFails("idx", "names no file");
    assertFails("npy:x.npy,", "names no file");
    assertFails("random:x", "a seed is an integer");
  }

  @Test
  void refusesOptionsWhereDataIsFedAsItIs() {
    InputSpec input = new InputSpec("x", ElementType.FLOAT, Optional.of(List.of(2L)));
    DataOptions options = DataOptions.parse("1/255", null, null, null, null);
    assertThatThrownBy(() -> DataSpec.parse("random").open(List.of(input), options))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("leave out --scale");
  }

  @Test
  void readsOptions() {
    assertThat(DataOptions.parse(null, null, null, null, null)).isEqualTo(DataOptions.NONE);
    assertThat(DataOptions.parse("1/255", "0.5", "1,2,3", "nhwc", "BGR"))
        .isEqualTo(
            new DataOptions(
                new Scale(1, 255),
                List.of(0.5),
                List.of(1.0, 2.0, 3.0),
                Layout.NHWC,
                Channels.BGR));
    assertOptionFails(() -> DataOptions.parse("1/0", null, null, null, null), "write 1/255");
    assertOptionFails(() -> DataOptions.parse(null, "a,b", null, null, null), "--mean: 'a'");
    assertOptionFails(() -> DataOptions.parse(null, null, "1,0", null, null), "--std");
    assertOptionFails(
        () -> DataOptions.parse(null, null, null, "chw", null), "choose nchw or nhwc");
  }

  private static DataSpec spec(
      DataSpec.Kind kind, String path, Optional<Path> labels, boolean train, long seed) {
    return new DataSpec(kind, Path.of(path), labels, train, seed);
  }

  private static void assertFails(String text, String message) {
    assertOptionFails(() -> DataSpec.parse(text), message);
  }

  private static void assertOptionFails(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }
}
