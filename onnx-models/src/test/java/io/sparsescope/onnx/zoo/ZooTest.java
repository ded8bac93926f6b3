package io.sparsescope.onnx.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.proto.NodeProto;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ZooTest {
  private static final Map<Zoo, Facts> FACTS = new EnumMap<>(Zoo.class);

  /** What is asked of the nets as they are for their own data sets; large ones are built once. */
  private record Facts(
      List<Initializer> initializers, List<String> nodes, Map<String, List<Long>> shapes) {}

  @Test
  void hasAsManyParametersAsCountedByHand() {
    assertThat(parameters(Zoo.LENET))
        .isEqualTo(
            (25 * 32 + 32) + (25 * 32 * 64 + 64) + (7 * 7 * 64 * 1024 + 1024) + (1024 * 10 + 10));
    assertThat(parameters(Zoo.CIFARNET))
        .isEqualTo(
            (25 * 3 * 64 + 64)
                + (25 * 64 * 64 + 64)
                + (8 * 8 * 64 * 384 + 384)
                + (384 * 192 + 192)
                + (192 * 10 + 10));
    int conv1 = 49 * 3 * 64 + 2 * 64;
    int unit11 = 64 * 256 + 64 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (256 + 64 + 64 + 256);
    int unit12 = 256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * (64 + 64 + 256);
    int unit21 = 256 * 512 + 256 * 128 + 9 * 128 * 128 + 128 * 512 + 2 * (512 + 128 + 128 + 512);
    int unit22 = 512 * 128 + 9 * 128 * 128 + 128 * 512 + 2 * (128 + 128 + 512);
    assertThat(parameters(Zoo.RESNET14))
        .isEqualTo(conv1 + unit11 + unit12 + unit21 + unit22 + (512 * 100 + 100));
  }

  /** ResNet-50 is known to have 25,557,032 parameters, AlexNet of one column 50,303,912. */
  @Test
  void largeNetsHaveAsManyParametersAsIsKnownOfThem() {
    assertThat(parameters(Zoo.RESNET50)).isEqualTo(25_557_032);
    assertThat(parameters(Zoo.ALEXNET)).isEqualTo(50_303_912);
  }

  private static long parameters(Zoo net) {
    return facts(net).initializers().stream()
        .filter(initializer -> !initializer.name().contains("moving_"))
        .filter(initializer -> !initializer.name().endsWith("/ratio"))
        .mapToLong(Initializer::elements)
        .sum();
  }

  @Test
  void runsToLogitsOfEveryImage() throws OrtException {
    assertThat(run(Zoo.LENET.build(1), 3, 1, 28, 28)).isEqualTo(new long[] {3, 10});
    assertThat(run(Zoo.CIFARNET.build(1), 2, 3, 32, 32)).isEqualTo(new long[] {2, 10});
    assertThat(run(Zoo.RESNET14.build(1), 2, 3, 32, 32)).isEqualTo(new long[] {2, 100});
    assertThat(run(Zoo.RESNET50.build(new ImageShape(1, 33, 47), 7, 1), 2, 1, 33, 47))
        .isEqualTo(new long[] {2, 7});
    assertThat(run(Zoo.ALEXNET.build(new ImageShape(3, 71, 67), 5, 1), 2, 3, 71, 67))
        .isEqualTo(new long[] {2, 5});
  }

  private static Facts facts(Zoo net) {
    return FACTS.computeIfAbsent(
        net,
        key -> {
          ModelFile model = net.build(1).toModel(net.label());
          return new Facts(
              List.copyOf(model.graph().initializers().values()),
              model.graph().nodes().stream().map(Node::name).toList(),
              ShapeInference.infer(model));
        });
  }

  private static long[] run(ModelBuilder model, long... shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int elements = (int) (shape[0] * shape[1] * shape[2] * shape[3]);
    FloatBuffer image = FloatBuffer.allocate(elements);
    for (int i = 0; i < elements; i++) {
      image.put(i, (float) Math.sin(i));
    }
    try (OrtSession session = environment.createSession(model.toBytes());
        OnnxTensor x = OnnxTensor.createTensor(environment, image, shape);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      OnnxTensor logits = (OnnxTensor) result.get("logits").orElseThrow();
      FloatBuffer values = logits.getFloatBuffer();
      while (values.hasRemaining()) {
        assertThat(values.get()).isFinite().isNotZero();
      }
      return logits.getInfo().getShape();
    }
  }

  @Test
  void featuresHaveTheSizesOfTheirTopologies() {
    assertThat(shapes(Zoo.ALEXNET))
        .containsEntry("conv1/Relu", List.of(-1L, 64L, 54L, 54L))
        .containsEntry("conv2/Relu", List.of(-1L, 192L, 26L, 26L))
        .containsEntry("conv5/Relu", List.of(-1L, 256L, 12L, 12L))
        .containsEntry("flatten/Flatten", List.of(-1L, 6400L));
    assertThat(shapes(Zoo.RESNET50))
        .containsEntry("conv1/Relu", List.of(-1L, 64L, 112L, 112L))
        .containsEntry("pool1/MaxPool", List.of(-1L, 64L, 56L, 56L))
        .containsEntry("block1/unit_2/Relu", List.of(-1L, 256L, 56L, 56L))
        .containsEntry("block1/unit_3/Relu", List.of(-1L, 256L, 28L, 28L))
        .containsEntry("block2/unit_4/Relu", List.of(-1L, 512L, 14L, 14L))
        .containsEntry("block3/unit_6/Relu", List.of(-1L, 1024L, 7L, 7L))
        .containsEntry("block4/unit_3/Relu", List.of(-1L, 2048L, 7L, 7L));
    assertThat(shapes(Zoo.RESNET14))
        .containsEntry("block1/unit_1/Relu", List.of(-1L, 256L, 8L, 8L))
        .containsEntry("block1/unit_2/shortcut/MaxPool", List.of(-1L, 256L, 4L, 4L))
        .containsEntry("block2/unit_2/Relu", List.of(-1L, 512L, 4L, 4L));
  }

  private static Map<String, List<Long>> shapes(Zoo net) {
    return facts(net).shapes();
  }

  @Test
  void scopesAreThePapersLayersAndBlocks() {
    assertThat(scopes(Zoo.LENET))
        .containsExactly("conv1", "pool1", "conv2", "pool2", "flatten", "fc3", "dropout3", "fc4");
    assertThat(scopes(Zoo.CIFARNET)).contains("conv1", "conv2", "fc3", "fc4", "logits");
    assertThat(scopes(Zoo.ALEXNET))
        .contains("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8");
    assertThat(scopes(Zoo.RESNET14))
        .containsExactly(
            "conv1",
            "pool1",
            "block1/unit_1",
            "block1/unit_2",
            "block2/unit_1",
            "block2/unit_2",
            "pool5",
            "flatten",
            "logits");
    assertThat(scopes(Zoo.RESNET50).stream().filter(scope -> scope.startsWith("block")))
        .hasSize(3 + 4 + 6 + 3)
        .contains("block3/unit_6", "block4/unit_3");
  }

  private static Set<String> scopes(Zoo net) {
    Set<String> scopes = new LinkedHashSet<>();
    for (String node : facts(net).nodes()) {
      scopes.add(node.replaceFirst("(block\\d/unit_\\d)?(.*?)/.*", "$1$2"));
    }
    return scopes;
  }

  @Test
  void sameSeedGivesTheSameBytesAndAnotherSeedOthers() {
    byte[] one = Zoo.LENET.build(7).toBytes();
    assertThat(Zoo.LENET.build(7).toBytes()).isEqualTo(one);
    assertThat(Zoo.LENET.build(8).toBytes()).hasSameSizeAs(one).isNotEqualTo(one);
  }

  @Test
  void otherClassesLeaveTheOtherLayersAsTheyWere() {
    ModelFile ten = Zoo.LENET.build(7).toModel("ten");
    ModelFile two = Zoo.LENET.build(new ImageShape(1, 28, 28), 2, 7).toModel("two");
    assertThat(values(two, "fc3/weights")).isEqualTo(values(ten, "fc3/weights"));
  }

  @Test
  void weightsAreDrawnAsTheTopologySays() {
    ModelFile alexnet = Zoo.ALEXNET.build(new ImageShape(3, 71, 67), 5, 3).toModel("alexnet");
    // Uniform within sqrt(6 / (9 * 384 + 9 * 256)); its deviation is a third of that, rooted.
    double limit = Math.sqrt(6.0 / (9 * 384 + 9 * 256));
    float[] xavier = values(alexnet, "conv5/weights");
    assertThat(largest(xavier))
        .isLessThanOrEqualTo((float) limit)
        .isGreaterThan(0.999f * (float) limit);
    assertThat(deviation(xavier)).isCloseTo(limit / Math.sqrt(3), offset(limit * 0.002));
    // Cut at two deviations, a normal distribution has 0.8796 times its deviation.
    float[] normal = values(alexnet, "fc7/weights");
    assertThat(largest(normal)).isBetween(0.0099f, 0.01f);
    assertThat(deviation(normal)).isCloseTo(0.8796 * 0.005, offset(0.00001));
    assertThat(values(alexnet, "fc7/biases")).containsOnly(0.1f);
    assertThat(values(alexnet, "fc8/biases")).containsOnly(0f);
    float[] he = values(Zoo.RESNET14.build(3).toModel("resnet14"), "block2/unit_2/conv2/weights");
    assertThat(deviation(he)).isCloseTo(Math.sqrt(2.0 / (9 * 128)), offset(0.0005));
  }

  private static float[] values(ModelFile model, String name) {
    FloatBuffer buffer =
        model.data(model.graph().initializers().get(name)).toBuffer().asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double deviation(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares / values.length);
  }

  /** TensorFlow: x / (1 + 0.001/9 * sum of the squares of the 4 channels to either side)^0.75. */
  @Test
  void localResponseIsTensorFlows() throws OrtException {
    NodeProto node =
        Zoo.CIFARNET.build(1).build().getGraph().getNodeList().stream()
            .filter(each -> each.getName().equals("norm1/LRN"))
            .findFirst()
            .orElseThrow();
    byte[] model =
        ModelBuilder.model(18)
            .input(node.getInput(0), ElementType.FLOAT, 1, 12, 1, 1)
            .node(node)
            .unshapedOutput(node.getOutput(0), ElementType.FLOAT)
            .toBytes();
    float[] x = new float[12];
    for (int i = 0; i < 12; i++) {
      x[i] = 10 * i - 50;
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor input =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(x), new long[] {1, 12, 1, 1});
        OrtSession.Result result = session.run(Map.of(node.getInput(0), input))) {
      FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
      for (int c = 0; c < 12; c++) {
        double squares = 0;
        for (int i = Math.max(0, c - 4); i <= Math.min(11, c + 4); i++) {
          squares += x[i] * x[i];
        }
        double expected = x[c] / Math.pow(1 + 0.001 / 9 * squares, 0.75);
        assertThat((double) y.get(c)).isCloseTo(expected, offset(1e-4));
      }
    }
  }

  @Test
  void netsAreFoundByName() {
    assertThat(Zoo.named("resnet14")).isEqualTo(Zoo.RESNET14);
    assertThatThrownBy(() -> Zoo.named("vgg16"))
        .isInstanceOf(OnnxException.class)
        .hasMessage(
            "no net is named 'vgg16'; there are lenet, cifarnet, resnet14, resnet50, alexnet");
  }

  @Test
  void refusesImagesThatTheTopologyCannotTake() {
    assertThatThrownBy(() -> Zoo.ALEXNET.build(new ImageShape(3, 40, 224), 10, 1))
        .isInstanceOf(OnnxException.class)
        .hasMessage(
            "alexnet: pool5 would slide a window of 3x3 over 1x12; images of 3x40x224 are too small"
                + " for this net");
    assertThatThrownBy(() -> Zoo.LENET.build(new ImageShape(1, 28, 28), 0, 1))
        .isInstanceOf(OnnxException.class)
        .hasMessage("lenet: 0 classes; give at least 1");
    assertThatThrownBy(() -> new ImageShape(0, 28, 28))
        .isInstanceOf(OnnxException.class)
        .hasMessage("0x28x28: no shape of an image; give positive sizes");
  }

  @Test
  void residualNetsHaveAnyDepth() throws OrtException {
    ModelBuilder deep = Zoo.residual(List.of(1, 3), new ImageShape(3, 16, 16), 4, 1);
    // conv1, two shortcuts, three convolutions a unit.
    assertThat(deep.build().getGraph().getNodeList().stream())
        .filteredOn(node -> node.getOpType().equals("Conv"))
        .hasSize(1 + 2 + 4 * 3);
    assertThat(run(deep, 2, 3, 16, 16)).isEqualTo(new long[] {2, 4});
    assertThatThrownBy(() -> Zoo.residual(List.of(2, 0), new ImageShape(3, 16, 16), 4, 1))
        .isInstanceOf(OnnxException.class)
        .hasMessage("resnet: blocks of [2, 0] units; give 1 to 8 blocks of at least 1 unit");
  }
}
