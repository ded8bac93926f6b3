package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever is done to a model's bytes, reading it ends, and ends well or in our own exception. */
class MutatedModelsTest {
  private static final List<byte[]> SAMPLES = Samples.all();

  /** Bytes that mean something at the wire level. */
  private static final int[] TELLING = {0, 1, 2, 3, 4, 5, 8, 10, 42, 58, 0x7f, 0x80, 0xfe, 0xff};

  @Property(tries = 3000)
  void mutatedModelsThrowNothingButOurOwn(
      @ForAll @IntRange(max = 6) int sample,
      @ForAll @IntRange(min = 1, max = 8) int changes,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = SAMPLES.get(sample).clone();
    for (int i = 0; i < changes; i++) {
      // The head of the file holds its structure, its tail mostly values.
      int at = random.nextInt(random.nextBoolean() ? Math.min(400, bytes.length) : bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] = (byte) TELLING[random.nextInt(TELLING.length)];
        case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        default -> bytes = splice(bytes, at, random);
      }
    }
    useAll(bytes);
  }

  @Property(tries = 500)
  void truncatedModelsThrowNothingButOurOwn(
      @ForAll @IntRange(max = 6) int sample, @ForAll long seed) {
    byte[] bytes = SAMPLES.get(sample);
    useAll(Arrays.copyOf(bytes, new Random(seed).nextInt(bytes.length)));
  }

  @Property(tries = 500)
  void anyBytesThrowNothingButOurOwn(@ForAll byte[] bytes) {
    useAll(bytes);
  }

  /** Takes out, doubles or inserts a few bytes. */
  private static byte[] splice(byte[] bytes, int at, Random random) {
    int count = Math.min(1 + random.nextInt(12), bytes.length - at);
    int from = random.nextInt(3) == 0 ? at + count : at;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, random.nextBoolean() ? at : Math.min(bytes.length, at + count));
    out.write(bytes, from, bytes.length - from);
    return out.size() == 0 ? bytes : out.toByteArray();
  }

  /** Does all that can be done with a model. */
  private static void useAll(byte[] bytes) {
    try {
      ModelFile model = ModelFile.of("hostile", bytes);
      Graph graph = model.graph();
      for (Node node : graph.allNodes()) {
        attempt(() -> model.constant(node).ifPresent(data -> data.forEachChunk(chunk -> {})));
        node.proto().getOutputList().forEach(graph::type);
        node.proto().getInputList().forEach(graph::consumers);
      }
      ModelEdit edit = new ModelEdit(model);
      for (Initializer initializer : graph.initializers().values()) {
        attempt(() -> model.data(initializer).forEachChunk(chunk -> {}));
        attempt(() -> edit.mapInitializer(initializer, chunk -> {}));
      }
      if (!graph.nodes().isEmpty()) {
        attempt(() -> edit.editNode(graph.nodes().get(0), UnaryOperator.identity()));
      }
      edit.putMetadata("author", "else");
      attempt(edit::check);
      attempt(edit::toBytes);
      ShapeInference.infer(model);
      assertThat(new ModelEdit(model).toBytes()).isEqualTo(bytes);
    } catch (OnnxException e) {
      assertThat(e.getMessage()).doesNotContain("\n").contains("hostile");
    }
  }

  private static void attempt(Runnable action) {
    try {
      action.run();
    } catch (OnnxException e) {
      assertThat(e.getMessage()).doesNotContain("\n").contains("hostile");
    }
  }
}
