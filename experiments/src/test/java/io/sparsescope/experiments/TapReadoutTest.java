package io.sparsescope.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.experiments.TapReadout.RawTensor;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.Counts;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Tap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TapReadoutTest {
  private final TapReadout readout =
      new TapReadout(
          List.of(
              tap("a", ElementType.FLOAT, 0, "", 0),
              tap("b", ElementType.FLOAT, 1, "", 0),
              tap("c", ElementType.UINT8, -1, "raw/c", 7),
              tap("d", ElementType.UNDEFINED, -1, "raw/d", 0)));

  @Test
  void asksForTheCountsAndForTensorsOnce() {
    assertThat(readout.outputs()).containsExactly(Rewrite.COUNTS, "raw/c", "raw/d");
    assertThat(readout.infos()).extracting("tensor").containsExactly("a", "b", "c", "d");
  }

  @Test
  void negativeZerosMarkATensorThatHeldNan() {
    ByteBuffer rows = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : new long[] {10, -1, 0, 20, 0, 0}) {
      rows.putLong(value);
    }
    RawTensor counts = new RawTensor("int64", rows.flip());
    Counts[] read = readout.read(Map.of(Rewrite.COUNTS, counts)::get);
    assertThat(read[0]).isSameAs(Counts.HELD_NAN);
    assertThat(read[1]).isEqualTo(new Counts(20, 0, 0));
  }

  @Test
  void readsRowsAndCountsTensors() {
    ByteBuffer rows = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : new long[] {10, 4, 1, 20, 0, 0}) {
      rows.putLong(value);
    }
    Map<String, RawTensor> outputs =
        Map.of(
            Rewrite.COUNTS,
            new RawTensor("int64", rows.flip()),
            "raw/c",
            new RawTensor("uint8", ByteBuffer.wrap(new byte[] {7, 0, 7})),
            "raw/d",
            new RawTensor("float16", ByteBuffer.wrap(new byte[] {0, 0, 1, 0})));
    assertThat(readout.read(outputs::get))
        .containsExactly(
            new Counts(10, 4, 1), new Counts(20, 0, 0), new Counts(3, 2, 0), new Counts(2, 1, 0));
  }

  @Test
  void leavesOutWhatWasNotComputedOrCannotBeCounted() {
    Map<String, RawTensor> outputs =
        Map.of("raw/d", new RawTensor("string", ByteBuffer.allocate(0)));
    assertThat(readout.read(outputs::get)).containsExactly(null, null, null, null);
  }

  private static Tap tap(String tensor, ElementType type, int row, String output, long zero) {
    return new Tap("n" + tensor, "Relu", tensor, "", "", type, row, output, zero, 0, 0);
  }
}
