package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Counts of channels, against loops over the tensors that ONNX Runtime gives. */
class ChannelsTest {
  private static final float DEAD = -1e6f;

  private final Random random = new Random(11);

  @ParameterizedTest
  @EnumSource(
      value = CountMode.class,
      names = {"FAST", "EXACT"})
  void findsTheChannelsOfAConvolutionalNetThatABiasMakesDead(CountMode mode) {
    ModelBuilder model = convolutional(13);
    Rewrite rewrite = plan(model, mode);
    Map<String, Tensor> outputs = run(rewrite, Map.of("x", random(4, 3, 9, 7)));

    assertThat(rewrite.taps()).extracting(Tap::channels).containsExactly(16, 5, 16, 5, 4);
    assertChannels(rewrite, outputs);
    assertThat(dead(rewrite, outputs, "a")).containsExactly(2, 15);
    assertThat(dead(rewrite, outputs, "b")).containsExactly(0);
    assertThat(dead(rewrite, outputs, "d")).containsExactly(0);
    assertThat(dead(rewrite, outputs, "e")).containsExactly(3);
  }

  /** An input of any size, and a batch of another one, or of none. */
  @ParameterizedTest
  @ValueSource(ints = {9, 11, 13, 18, 21})
  void countsBatchesOfAnySizeInEveryOpset(int opset) {
    Rewrite rewrite = plan(convolutional(opset), CountMode.FAST);
    for (long[] shape : new long[][] {{1, 3, 9, 7}, {5, 3, 20, 11}, {0, 3, 9, 7}}) {
      assertChannels(rewrite, run(rewrite, Map.of("x", random(shape))));
    }
  }

  @Test
  void findsTheUnitsOfAPerceptronThatABiasMakesDead() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, 6)
            .initializer("w1", gauss(6 * 10), 10, 6)
            .initializer("b1", bias(10, 7), 10)
            .node(
                "Gemm", List.of("x", "w1", "b1"), List.of("h1"), "fc1", Nodes.integer("transB", 1))
            .node("Relu", List.of("h1"), List.of("a"), "relu1")
            .initializer("w2", gauss(10 * 4), 10, 4)
            .initializer("b2", bias(4, 0, 2), 4)
            .node("MatMul", List.of("a", "w2"), List.of("h2"), "fc2")
            .node("Add", List.of("h2", "b2"), List.of("s2"), "bias2")
            .node("Relu", List.of("s2"), List.of("b"), "relu2")
            .unshapedOutput("a", ElementType.FLOAT)
            .unshapedOutput("b", ElementType.FLOAT);
    Rewrite rewrite = plan(model, CountMode.FAST);
    Map<String, Tensor> outputs = run(rewrite, Map.of("x", random(32, 6)));

    assertThat(rewrite.taps())
        .extracting(Tap::tensor, Tap::channels)
        .containsExactly(tuple("a", 10), tuple("b", 4));
    assertChannels(rewrite, outputs);
    assertThat(dead(rewrite, outputs, "a")).contains(7);
    assertThat(dead(rewrite, outputs, "b")).contains(0, 2);
  }

  @Property(tries = 60)
  void countsTensorsOfEveryRankAndNanAsAlive(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 5) int rank,
      @ForAll @IntRange(min = 1, max = 6) int channels) {
    Random values = new Random(seed);
    long[] shape = new long[rank];
    for (int i = 0; i < rank; i++) {
      shape[i] = i == 1 ? channels : 1 + values.nextInt(4);
    }
    float[] x = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
    for (int i = 0; i < x.length; i++) {
      x[i] = values.nextInt(3) > 0 ? -1 : values.nextInt(20) == 0 ? Float.NaN : Float.MIN_VALUE;
    }
    long[] declared = new long[rank];
    Arrays.fill(declared, -1);
    declared[1] = channels;
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, declared)
            .node("Relu", List.of("x"), List.of("y"), "relu")
            .unshapedOutput("y", ElementType.FLOAT);
    Rewrite rewrite = plan(model, CountMode.FAST);
    assertThat(rewrite.taps()).extracting(Tap::channels).containsExactly(channels);
    assertChannels(rewrite, run(rewrite, Map.of("x", Tensor.floats(x, shape))));
  }

  @Test
  void leavesOutTensorsWhoseChannelsAreNotKnown() {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, -1, -1)
            .input("v", ElementType.FLOAT, 5)
            .input("c", ElementType.FLOAT, -1, 3)
            .node("Relu", List.of("x"), List.of("a"), "relu1")
            .node("Relu", List.of("v"), List.of("b"), "relu2")
            .node("Relu", List.of("c"), List.of("d"), "relu3")
            .unshapedOutput("d", ElementType.FLOAT);
    Rewrite rewrite = plan(model, CountMode.FAST);
    assertThat(rewrite.taps()).extracting(Tap::channels).containsExactly(0, 0, 3);
    Map<String, Tensor> outputs =
        run(rewrite, Map.of("x", random(2, 7), "v", random(5), "c", random(4, 3)));
    assertThat(outputs.get(Rewrite.CHANNELS).shape()).containsExactly(3);
    assertChannels(rewrite, outputs);
  }

  @Test
  void isOnlyDoneWhenAskedForAndNotByNativeOperators() {
    ModelBuilder model = convolutional(13);
    Rewrite without = new Rewriter(relus(), false, true, CountMode.FAST).plan(model.toModel("m"));
    assertThat(without.taps()).extracting(Tap::channels).containsOnly(0);
    assertThat(run(without, Map.of("x", random(1, 3, 9, 7)))).doesNotContainKey(Rewrite.CHANNELS);
    assertThatThrownBy(() -> plan(model, CountMode.NATIVE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("native");
  }

  /**
   * Images of two sizes, in the blocked layout where ONNX Runtime has it, and one that has left it:
   * a [N, 16, H, W], b and d [N, 5, ...] smaller, c [N, 16, ...] as large as a; e flat.
   */
  private ModelBuilder convolutional(int opset) {
    return ModelBuilder.model(opset)
        .input("x", ElementType.FLOAT, -1, 3, -1, -1)
        .initializer("w1", gauss(16 * 3 * 9), 16, 3, 3, 3)
        .initializer("b1", bias(16, 2, 15), 16)
        .node("Conv", List.of("x", "w1", "b1"), List.of("ca"), "c1", pads())
        .node("Relu", List.of("ca"), List.of("a"), "r1")
        .initializer("w2", gauss(5 * 16 * 9), 5, 16, 3, 3)
        .initializer("b2", bias(5, 0), 5)
        .node(
            "Conv", List.of("a", "w2", "b2"), List.of("cb"), "c2", Nodes.integers("strides", 2, 2))
        .node("Relu", List.of("cb"), List.of("b"), "r2")
        .initializer("w3", gauss(16 * 16), 16, 16, 1, 1)
        .node("Conv", List.of("a", "w3"), List.of("cc"), "c3")
        .node("Add", List.of("cc", "a"), List.of("sum"), "add")
        .node("Relu", List.of("sum"), List.of("c"), "r3")
        .node("Relu", List.of("b"), List.of("d"), "r4")
        .node("GlobalAveragePool", List.of("b"), List.of("p"), "pool")
        .node("Flatten", List.of("p"), List.of("f"), "flatten")
        .initializer("w4", gauss(5 * 4), 5, 4)
        .initializer("b4", bias(4, 3), 4)
        .node("Gemm", List.of("f", "w4", "b4"), List.of("g"), "fc")
        .node("Relu", List.of("g"), List.of("e"), "r5")
        .unshapedOutput("a", ElementType.FLOAT)
        .unshapedOutput("b", ElementType.FLOAT)
        .unshapedOutput("c", ElementType.FLOAT)
        .unshapedOutput("d", ElementType.FLOAT)
        .unshapedOutput("e", ElementType.FLOAT);
  }

  private static AttributeProto pads() {
    return Nodes.integers("pads", 1, 1, 1, 1);
  }

  private static Rules relus() {
    return new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
  }

  private static Rewrite plan(ModelBuilder model, CountMode mode) {
    return new Rewriter(relus(), false, true, mode, true).plan(model.toModel("m"));
  }

  private static Map<String, Tensor> run(Rewrite rewrite, Map<String, Tensor> inputs) {
    return Ort.run(rewrite.edit().toBytes(), inputs);
  }

  /** All channels of all taps whose tensors are outputs, and nothing else. */
  private static void assertChannels(Rewrite rewrite, Map<String, Tensor> outputs) {
    int all = rewrite.taps().stream().mapToInt(Tap::channels).sum();
    assertThat(outputs.get(Rewrite.CHANNELS).longs()).hasSize(all);
    boolean[] covered = new boolean[all];
    for (Tap tap : rewrite.taps()) {
      if (tap.channels() > 0) {
        assertThat(channels(tap, outputs)).isEqualTo(loop(outputs.get(tap.tensor())));
        Arrays.fill(covered, tap.channelsAt(), tap.channelsAt() + tap.channels(), true);
      }
    }
    assertThat(covered).doesNotContain(false);
  }

  private static List<Long> channels(Tap tap, Map<String, Tensor> outputs) {
    long[] all = outputs.get(Rewrite.CHANNELS).longs();
    return Arrays.stream(all, tap.channelsAt(), tap.channelsAt() + tap.channels()).boxed().toList();
  }

  private static List<Integer> dead(Rewrite rewrite, Map<String, Tensor> outputs, String tensor) {
    Tap tap =
        rewrite.taps().stream().filter(t -> t.tensor().equals(tensor)).findAny().orElseThrow();
    List<Long> channels = channels(tap, outputs);
    return IntStream.range(0, tap.channels()).filter(c -> channels.get(c) == 0).boxed().toList();
  }

  private static List<Long> loop(Tensor tensor) {
    int channels = (int) tensor.shape()[1];
    int inner = 1;
    for (int i = 2; i < tensor.shape().length; i++) {
      inner *= (int) tensor.shape()[i];
    }
    long[] nonzero = new long[channels];
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      nonzero[i / inner % channels] += values[i] == 0 ? 0 : 1;
    }
    List<Long> list = new ArrayList<>();
    Arrays.stream(nonzero).forEach(list::add);
    return list;
  }

  private float[] bias(int channels, int... dead) {
    float[] bias = new float[channels];
    Arrays.fill(bias, 2);
    Arrays.stream(dead).forEach(c -> bias[c] = DEAD);
    return bias;
  }

  private Tensor random(long... shape) {
    return Tensor.floats(
        gauss(Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))), shape);
  }

  private float[] gauss(int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
