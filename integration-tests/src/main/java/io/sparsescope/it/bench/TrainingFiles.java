package io.sparsescope.it.bench;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.ShapeInference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What steps are made of, in a folder, for programs to read: the net {@code net.onnx}, a batch
 * {@code x} of random images, {@code labels} and a mask for each Dropout. A tensor's file has its
 * name, {@code .} for {@code /}, and holds its elements, little-endian.
 *
 * @param batch number of images
 */
record TrainingFiles(Path folder, int batch) {
  private static final int SEED = 5;

  /** Writes them. */
  void write(ModelFile net, int classes) throws IOException {
    Random random = new Random(SEED);
    Map<String, List<Long>> shapes = ShapeInference.infer(net);
    String images = net.graph().inputs().get(0).getName();
    write(images, shapes.get(images), Float.BYTES, b -> b.putFloat((float) random.nextGaussian()));
    write("labels", List.of(-1L), Long.BYTES, b -> b.putLong(random.nextInt(classes)));
    for (Node node : net.graph().nodes()) {
      if (node.op().equals("Dropout")) {
        List<Long> shape = shapes.get(node.proto().getInput(0));
        write(node.name() + "/mask", shape, Float.BYTES, b -> b.putFloat(2 * random.nextInt(2)));
      }
    }
  }

  private void write(String tensor, List<Long> shape, int bytes, Consumer<ByteBuffer> next)
      throws IOException {
    long elements = shape.stream().map(d -> d < 0 ? batch : d).reduce(1L, Math::multiplyExact);
    ByteBuffer values =
        ByteBuffer.allocate(Math.toIntExact(elements * bytes)).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      next.accept(values);
    }
    Files.write(file(tensor), values.array());
  }

  /** A tensor's elements, in direct memory. */
  ByteBuffer read(String tensor) {
    try {
      byte[] bytes = Files.readAllBytes(file(tensor));
      return ByteBuffer.allocateDirect(bytes.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put(bytes)
          .rewind();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String tensor) {
    return folder.resolve(tensor.replace('/', '.'));
  }
}
