package io.sparsescope.agent.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MemoryTest {

  @Test
  void usesMemoryAgain() {
    Memory memory = new Memory(1 << 20);
    ByteBuffer first = memory.take(5000);
    first.putInt(7);
    memory.giveBack(first);

    ByteBuffer again = memory.take(8192);
    assertThat(again).isSameAs(first);
    assertThat(again.position()).isZero();
    assertThat(again.limit()).isEqualTo(8192);
    assertThat(memory.held()).isEqualTo(8192);
  }

  @Test
  void holdsNoMoreThanItsLimit() {
    Memory memory = new Memory(16384);
    ByteBuffer one = memory.take(8000);
    assertThat(memory.take(8000)).isNotNull();
    assertThat(memory.take(1)).isNull();

    memory.giveBack(one);
    assertThat(memory.take(8001)).isNotNull();
    assertThat(memory.held()).isEqualTo(16384);
  }

  @Test
  void letsGoOfWhatNobodyUsesForAnotherSize() {
    Memory memory = new Memory(16384);
    memory.giveBack(memory.take(100));
    memory.giveBack(memory.take(5000));

    assertThat(memory.take(16384)).isNotNull();
    assertThat(memory.held()).isEqualTo(16384);
  }

  @Test
  void hasNothingForMoreThanABufferCanBe() {
    assertThat(new Memory(Long.MAX_VALUE).take(Integer.MAX_VALUE)).isNull();
  }
}
