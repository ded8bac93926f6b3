package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Image files and what PIL makes of them; {@code images/make.py} made both. */
final class Fixtures {
  private Fixtures() {}

  static Path file(String name) {
    try {
      return Path.of(Fixtures.class.getResource("/images/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static Pixels pixels(String name) {
    try (NpyFile file = NpyFile.open(file(name + ".npy"))) {
      int channels = (int) file.records();
      int height = file.recordDims().get(0).intValue();
      int width = file.recordDims().get(1).intValue();
      byte[] planes = new byte[channels * height * width];
      byte[] plane = new byte[height * width];
      for (int c = 0; c < channels; c++) {
        file.read(plane, c);
        System.arraycopy(plane, 0, planes, c * plane.length, plane.length);
      }
      return new Pixels(channels, height, width, planes);
    }
  }

  static void assertSame(Pixels actual, Pixels expected) {
    assertNear(actual, expected, 0);
  }

  static void assertNear(Pixels actual, Pixels expected, int tolerance) {
    assertThat(actual.channels()).isEqualTo(expected.channels());
    assertThat(actual.height()).isEqualTo(expected.height());
    assertThat(actual.width()).isEqualTo(expected.width());
    int largest = 0;
    for (int i = 0; i < expected.planes().length; i++) {
      int difference = (actual.planes()[i] & 0xff) - (expected.planes()[i] & 0xff);
      largest = Math.max(largest, Math.abs(difference));
    }
    assertThat(largest).isLessThanOrEqualTo(tolerance);
  }
}
