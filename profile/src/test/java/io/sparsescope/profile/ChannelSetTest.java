package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ChannelSetTest {

  @Property(tries = 200)
  void holdsWhatItWasToldWhateverTheNumber(
      @ForAll @IntRange(min = 1, max = 300) int channels,
      @ForAll long[] first,
      @ForAll long[] more) {
    BitSet a = BitSet.valueOf(first);
    BitSet b = BitSet.valueOf(more);
    ChannelSet either = ChannelSet.of(channels, a::get).or(ChannelSet.of(channels, b::get));
    List<Integer> dead =
        IntStream.range(0, channels).filter(c -> !a.get(c) && !b.get(c)).boxed().toList();
    assertThat(either.channels()).isEqualTo(channels);
    assertThat(either.dead()).isEqualTo(dead);
    assertThat(ChannelSet.withDead(channels, dead)).isEqualTo(either);
  }

  @Test
  void setsOfDifferentNumbersHaveNothingInCommon() {
    assertThat(ChannelSet.of(3, c -> true).or(ChannelSet.of(4, c -> true))).isNull();
    assertThatThrownBy(() -> ChannelSet.of(0, c -> true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
