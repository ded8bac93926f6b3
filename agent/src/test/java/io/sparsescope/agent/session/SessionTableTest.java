package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.sampling.Measure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SessionTableTest {

  @Property(tries = 50)
  void behavesLikeAMap(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5000) int handles) {
    Random random = new Random(seed);
    SessionTable table = new SessionTable();
    Map<Long, Session> expected = new HashMap<>();
    for (int i = 0; i < 3000; i++) {
      long handle = 0x7f00_0000_0000L + 64L * random.nextInt(handles);
      if (random.nextInt(3) == 0) {
        assertThat(table.remove(handle)).isSameAs(expected.remove(handle));
      } else {
        Session session = new Session(1, handle, 0, Taps.NONE, Measure.OWN_WORK, null);
        table.put(handle, session);
        expected.put(handle, session);
      }
      assertThat(table.get(handle)).isSameAs(expected.get(handle));
    }

    List<Session> all = new ArrayList<>(table.all());
    assertThat(all).containsExactlyInAnyOrderElementsOf(expected.values());
  }
}
