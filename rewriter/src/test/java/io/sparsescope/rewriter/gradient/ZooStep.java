package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.zoo.ImageShape;
import io.sparsescope.onnx.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One training step of a net of the zoo, small enough to be computed in float64 elsewhere: model,
 * images, labels and masks of Dropouts, all drawn by seed. {@code src/test/python/gradients.py}
 * reads what {@link #main} writes, and makes the fixtures.
 *
 * @param net the net
 * @param images their shape
 * @param classes number of classes
 * @param batch number of images
 * @param seed draws weights, images, labels and masks
 */
record ZooStep(Zoo net, ImageShape images, int classes, int batch, long seed) {
  /** The steps there are fixtures of. */
  static final List<ZooStep> ALL =
      List.of(
          new ZooStep(Zoo.LENET, new ImageShape(1, 12, 12), 10, 4, 1),
          new ZooStep(Zoo.CIFARNET, new ImageShape(3, 12, 12), 10, 4, 1),
          new ZooStep(Zoo.RESNET14, new ImageShape(3, 32, 32), 10, 4, 1),
          new ZooStep(Zoo.RESNET50, new ImageShape(3, 48, 48), 10, 4, 1),
          new ZooStep(Zoo.ALEXNET, new ImageShape(3, 67, 67), 10, 4, 1));

  /**
   * Writes a folder for each step: {@code model.onnx}, and what it is fed as {@code INPUT.pb} with
   * dots for slashes.
   *
   * @param args the folder; to look for a seed without kinks: a seed that goes for all
   */
  public static void main(String[] args) throws IOException {
    for (ZooStep known : ALL) {
      ZooStep step = args.length < 2 ? known : known.seeded(Long.parseLong(args[1]));
      Path folder = Files.createDirectories(Path.of(args[0], step.net.label()));
      byte[] model = step.model();
      Files.write(folder.resolve("model.onnx"), model);
      for (TensorProto input : step.inputs(ModelFile.of("model", model))) {
        String file = input.getName().replace('/', '.') + ".pb";
        Files.write(folder.resolve(file), input.toByteArray());
      }
    }
  }

  private ZooStep seeded(long other) {
    return new ZooStep(net, images, classes, batch, other);
  }

  byte[] model() {
    return net.build(images, classes, seed).toBytes();
  }

  /** Images, labels and masks, by name. */
  List<TensorProto> inputs(ModelFile model) {
    Random random = new Random(seed);
    TreeMap<String, TensorProto> inputs = new TreeMap<>();
    float[] pixels = new float[batch * images.channels() * images.height() * images.width()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    inputs.put(
        "x",
        Tensors.floats("x", pixels, batch, images.channels(), images.height(), images.width()));
    long[] labels = random.ints(batch, 0, classes).asLongStream().toArray();
    inputs.put("labels", Tensors.int64s("labels", labels, batch));
    Map<String, List<Long>> shapes = ShapeInference.infer(model);
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("Dropout")) {
        TensorProto mask = mask(node, shapes.get(node.proto().getInput(0)), random);
        inputs.put(mask.getName(), mask);
      }
    }
    return new ArrayList<>(inputs.values());
  }

  /** Half of the values are dropped, the others doubled. */
  private TensorProto mask(Node node, List<Long> shape, Random random) {
    float[] values = new float[Math.toIntExact(batch * shape.get(1))];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextBoolean() ? 2 : 0;
    }
    return Tensors.floats(node.name() + "/mask", values, batch, shape.get(1));
  }

  /** SHA-256 of the model and its inputs, one after the other. */
  static String sha256(byte[] model, List<TensorProto> inputs) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(model);
      inputs.forEach(input -> digest.update(input.toByteArray()));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
