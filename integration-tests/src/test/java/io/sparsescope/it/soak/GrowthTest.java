package io.sparsescope.it.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GrowthTest {
  @Test
  void comparesTheLastThirdWithTheOneBefore() {
    Growth growth = growth(900, 900, 900, 100, 300, 200, 110, 330, 220);

    assertThat(growth).isEqualTo(new Growth(200, 220));
    assertThat(growth.ratio()).isEqualTo(1.1);
  }

  @Test
  void looksAwayFromTheWarmUp() {
    assertThat(growth(1, 2, 5, 5, 5, 5).ratio()).isEqualTo(1);
  }

  @Test
  void wantsEnoughSamples() {
    assertThatThrownBy(() -> growth(1, 2, 3, 4, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  private static Growth growth(long... values) {
    List<SoakSample> samples =
        LongStream.of(values).mapToObj(rss -> new SoakSample(0, rss, 0, 0, 0, 0)).toList();
    return Growth.of(samples, SoakSample::rss);
  }
}
