package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSizeTest {

  @ParameterizedTest
  @ValueSource(strings = {"16x16", "50x60", "10x40", "37x10", "9x23", "1x1"})
  void resizesToTheByteAsPilDoes(String size) {
    Pixels resized = ImageSize.parse(size, null, false).apply(Fixtures.pixels("noise"), "noise");
    Fixtures.assertSame(resized, Fixtures.pixels("noise-" + size));
  }

  @Test
  void resizesTheShorterSideAndTakesTheMiddleAsTorchvisionDoes() {
    Pixels noise = Fixtures.pixels("noise");
    Fixtures.assertSame(
        ImageSize.parse("12", null, false).apply(noise, ""), Fixtures.pixels("noise-12"));
    Fixtures.assertSame(
        ImageSize.parse("12", "10x7", false).apply(noise, ""), Fixtures.pixels("noise-12-10x7"));
    Pixels upended = new Pixels(1, 37, 23, new byte[37 * 23]);
    Pixels resized = ImageSize.parse("12", null, false).apply(upended, "");
    assertThat(resized.width()).isEqualTo(12);
    assertThat(resized.height()).isEqualTo(19);
  }

  @Test
  void leavesAnImageOfTheRightSizeAlone() {
    Pixels noise = Fixtures.pixels("noise");
    Fixtures.assertSame(ImageSize.parse("37x23", "37x23", false).apply(noise, ""), noise);
    Fixtures.assertSame(ImageSize.parse("23", null, false).apply(noise, ""), noise);
  }

  @Test
  void turnsColoursToGreyAsPilDoes() {
    Fixtures.assertSame(Fixtures.pixels("noise").withChannels(1), Fixtures.pixels("noise-grey"));
    Pixels grey = new Pixels(1, 1, 2, new byte[] {3, (byte) 200});
    assertThat(grey.withChannels(3).planes())
        .containsExactly(3, (byte) 200, 3, (byte) 200, 3, (byte) 200);
  }

  @Test
  void readsSizes() {
    assertThat(ImageSize.parse("256", "224", false))
        .isEqualTo(
            new ImageSize(
                Optional.of(new ImageSize.Resize(256, 256, true)),
                Optional.of(new ImageSize.Size(224, 224)),
                false));
    assertThat(ImageSize.parse("32x16", "20x10", true))
        .isEqualTo(
            new ImageSize(
                Optional.of(new ImageSize.Resize(32, 16, false)),
                Optional.of(new ImageSize.Size(20, 10)),
                true));
    assertThat(ImageSize.parse(null, null, false)).isEqualTo(ImageSize.STORED);
    for (String wrong : new String[] {"", "x", "0", "0x5", "5x", "-3", "5X5", "1e3", "40000"}) {
      assertThatThrownBy(() -> ImageSize.parse(wrong, null, false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("write 256 (the shorter side) or 224x224");
      assertThatThrownBy(() -> ImageSize.parse(null, wrong, false))
          .hasMessageContaining("write 224 or 224x224");
    }
  }

  @Test
  void refusesToCropMoreThanThereIs() {
    assertThatThrownBy(
            () -> ImageSize.parse(null, "24", false).apply(Fixtures.pixels("noise"), "a.png"))
        .hasMessage("a.png: 37x23 pixels, less than --crop 24x24; resize it with --resize 24");
  }
}
