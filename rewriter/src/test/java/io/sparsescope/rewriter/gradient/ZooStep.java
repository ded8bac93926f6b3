package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.zoo.ImageShape;
import io.sparsescope.onnx.zoo.Zoo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One training step of a net of the zoo, small enough to be computed in float64 elsewhere: model,
 * images, labels and masks of Dropouts, all drawn by seed. {@code src/test/python/gradients.py}
 * reads what {@link #main} writes, and makes the fixtures.
 *
 * @param net the net
 * @param images their shape
 * @param classes number of classes
 * @param batch number of images
 * @param unitScale scale of the last normalization of each residual unit. At 1 a deep net that is
 *     not trained yet multiplies rounding errors: PyTorch's float32 gradients of ResNet-50 are then
 *     off by 2e-4 without any kink
 * @param seed draws images, labels and masks; chosen so that no ReLU and no pool is near a kink
 */
record ZooStep(Zoo net, ImageShape images, int classes, int batch, float unitScale, long seed) {
  /** The steps there are fixtures of. */
  static final List<ZooStep> ALL =
      List.of(
          new ZooStep(Zoo.LENET, new ImageShape(1, 12, 12), 10, 4, 1, 20),
          new ZooStep(Zoo.CIFARNET, new ImageShape(3, 12, 12), 10, 4, 1, 17),
          new ZooStep(Zoo.RESNET14, new ImageShape(3, 32, 32), 10, 4, 1, 18),
          new ZooStep(Zoo.RESNET50, new ImageShape(3, 33, 33), 10, 4, 0.1f, 43),
          new ZooStep(Zoo.ALEXNET, new ImageShape(3, 67, 67), 10, 4, 1, 11));

  private static final long WEIGHTS_SEED = 1;

  /**
   * Writes a folder for each step: {@code model.onnx}, and what it is fed as {@code INPUT.pb} with
   * dots for slashes.
   *
   * @param args the folder
   */
  public static void main(String[] args) throws IOException {
    for (ZooStep step : ALL) {
      Path folder = Files.createDirectories(Path.of(args[0], step.net.label()));
      byte[] model = step.model();
      Files.write(folder.resolve("model.onnx"), model);
      for (TensorProto input : step.inputs(ModelFile.of("model", model))) {
        String file = input.getName().replace('/', '.') + ".pb";
        Files.write(folder.resolve(file), input.toByteArray());
      }
    }
  }

  byte[] model() {
    ModelProto.Builder model = net.build(images, classes, WEIGHTS_SEED).build().toBuilder();
    for (TensorProto.Builder tensor : model.getGraphBuilder().getInitializerBuilderList()) {
      if (tensor.getName().endsWith("/conv3/BatchNorm/gamma")) {
        float[] scales = new float[Math.toIntExact(tensor.getDims(0))];
        Arrays.fill(scales, unitScale);
        tensor.setRawData(Tensors.floats("", scales, scales.length).getRawData());
      }
    }
    return model.build().toByteArray();
  }

  /** Images, labels and masks, in the order of their names. */
  List<TensorProto> inputs(ModelFile model) {
    Random random = new Random(seed);
    List<TensorProto> inputs = new ArrayList<>();
    inputs.add(
        Tensors.floats(
            "x", pixels(random), batch, images.channels(), images.height(), images.width()));
    Map<String, List<Long>> shapes = ShapeInference.infer(model);
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("Dropout")) {
        inputs.add(mask(node, shapes.get(node.proto().getInput(0)), random));
      }
    }
    long[] labels = random.ints(batch, 0, classes).asLongStream().toArray();
    inputs.add(Tensors.int64s("labels", labels, batch));
    inputs.sort(Comparator.comparing(TensorProto::getName));
    return inputs;
  }

  /** Waves of random frequencies and phases in noise: images differ from each other. */
  private float[] pixels(Random random) {
    int height = images.height();
    int width = images.width();
    FloatBuffer pixels = FloatBuffer.allocate(batch * images.channels() * height * width);
    for (int n = 0; n < batch; n++) {
      double noise = random.nextDouble();
      for (int c = 0; c < images.channels(); c++) {
        double down = 2 * random.nextDouble() / height;
        double across = 2 * random.nextDouble() / width;
        double phase = random.nextDouble();
        for (int i = 0; i < height * width; i++) {
          double turns = down * (i / width) + across * (i % width) + phase;
          double wave = 2 * Math.sin(2 * Math.PI * turns);
          pixels.put((float) (wave + noise * random.nextGaussian()));
        }
      }
    }
    return pixels.array();
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
