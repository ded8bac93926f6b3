package io.sparsescope.onnx.zoo;

import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.OnnxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The nets that the paper measures, each with the images and classes of its data set.
 *
 * <p>A built model has the input {@code x} [N, channels, height, width] and the output {@code
 * logits} [N, classes], both float32, at opset 18. Its nodes are named after the paper's layers and
 * blocks ({@code conv1/Conv}, {@code block1/unit_2/conv1/Conv}), its parameters likewise ({@code
 * conv1/weights}, {@code conv1/biases}, {@code conv1/BatchNorm/gamma}). Dropout and
 * BatchNormalization are in their inference form.
 */
public enum Zoo {
  /** For MNIST: 1x28x28, 10 classes. */
  LENET(new ImageShape(1, 28, 28), 10, LeNet::build),
  /** For CIFAR-10: 3x32x32, 10 classes. */
  CIFARNET(new ImageShape(3, 32, 32), 10, CifarNet::build),
  /** For CIFAR-100: 3x32x32, 100 classes. */
  RESNET14(
      new ImageShape(3, 32, 32),
      100,
      (input, classes, seed) -> ResNet.build("resnet14", List.of(2, 2), input, classes, seed)),
  /** For ImageNet: 3x224x224, 1000 classes. */
  RESNET50(
      new ImageShape(3, 224, 224),
      1000,
      (input, classes, seed) ->
          ResNet.build("resnet50", List.of(3, 4, 6, 3), input, classes, seed)),
  /** For ImageNet: 3x224x224, 1000 classes. */
  ALEXNET(new ImageShape(3, 224, 224), 1000, AlexNet::build);

  private interface Topology {
    ModelBuilder build(ImageShape input, int classes, long seed);
  }

  private final ImageShape input;
  private final int classes;
  private final Topology topology;

  Zoo(ImageShape input, int classes, Topology topology) {
    this.input = input;
    this.classes = classes;
    this.topology = topology;
  }

  /**
   * The net of a name: {@code lenet}, {@code cifarnet}, {@code resnet14}, {@code resnet50} or
   * {@code alexnet}.
   *
   * @throws OnnxException if there is none of this name
   */
  public static Zoo named(String name) {
    return Arrays.stream(values())
        .filter(net -> net.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new OnnxException(
                    "no net is named '"
                        + name
                        + "'; there are "
                        + Arrays.stream(values())
                            .map(Zoo::label)
                            .collect(Collectors.joining(", "))));
  }

  /** The net's name, for example {@code lenet}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The images of the net's own data set. */
  public ImageShape input() {
    return input;
  }

  /** How many classes the net's own data set has. */
  public int classes() {
    return classes;
  }

  /** The net for its own data set. */
  public ModelBuilder build(long seed) {
    return build(input, classes, seed);
  }

  /**
   * The net for other images or classes.
   *
   * @param seed draws the parameters' first values; the same seed gives the same bytes
   * @throws OnnxException if the images are too small for the net, or too large, or there are no
   *     classes
   */
  public ModelBuilder build(ImageShape images, int numberOfClasses, long seed) {
    return topology.build(images, numberOfClasses, seed);
  }

  /**
   * A residual net of another depth, made as {@link #RESNET50} is, under the name {@code resnet}:
   * {@code 3, 8, 36, 3} units are ResNet-152.
   *
   * @param units number of bottleneck units of each block, 1 to 8 blocks
   * @throws OnnxException as {@link #build(ImageShape, int, long)}, or if the units are not such
   */
  public static ModelBuilder residual(
      List<Integer> units, ImageShape images, int numberOfClasses, long seed) {
    if (units.isEmpty() || units.size() > 8 || units.stream().anyMatch(count -> count < 1)) {
      throw new OnnxException(
          "resnet: blocks of " + units + " units; give 1 to 8 blocks of at least 1 unit");
    }
    return ResNet.build("resnet", units, images, numberOfClasses, seed);
  }
}
