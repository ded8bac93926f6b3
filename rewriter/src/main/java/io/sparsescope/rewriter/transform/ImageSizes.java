package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Shapes of tensors [N, C, H, W] that come from one input of the graph: channels as the weights
 * tell them, height and width computed from the shape of the graph's input by the arithmetic of
 * Conv and pooling, instead of read off the tensors: a tensor whose shape is asked for must be put
 * into the plain layout, which costs more than counting it. Tensors of one size share their nodes.
 */
final class ImageSizes {
  private static final Set<String> KEEP_SIZE =
      Set.of(
          "Relu",
          "LeakyRelu",
          "Clip",
          "Sigmoid",
          "HardSigmoid",
          "Tanh",
          "Elu",
          "Selu",
          "BatchNormalization",
          "Dropout",
          "Identity",
          "LRN");

  private static final Set<String> JOIN = Set.of("Add", "Sum", "Mul", "Concat");

  /**
   * An image's size: made from another size by {@code floor((size + add) / stride) + 1} for height
   * and width, or that of the graph's input.
   *
   * @param from the other size, null for that of the input
   */
  private record Size(Size from, long addH, long addW, long strideH, long strideW) {
    /** Of an image made from one of the given height and width. */
    long[] of(long[] root) {
      if (from == null) {
        return root;
      }
      long[] size = from.of(root);
      return new long[] {(size[0] + addH) / strideH + 1, (size[1] + addW) / strideW + 1};
    }
  }

  /** What is known of a tensor [N, C, H, W] before the run: C, and how H and W are computed. */
  private record Image(long channels, Size size) {}

  private final Graph graph;
  private final Ops ops;
  private final Map<String, Image> images = new HashMap<>();

  /** Name of the input that all images come from, which all have as many as it has. */
  private String root = "";

  /** Height and width of that input if it declares them, on which ONNX Runtime insists. */
  private long[] rootSize = {0, 0};

  /** Names of the tensors that hold sizes: int64 [2], height and width. */
  private final Map<Size, String> computed = new HashMap<>();

  private final Map<Size, String> pixels = new HashMap<>();
  private String records;
  private String rootShape;

  /**
   * @param ops makes the nodes, which come before all others
   */
  ImageSizes(Graph graph, Ops ops) {
    this.graph = graph;
    this.ops = ops;
    for (ValueInfoProto input : graph.inputs()) {
      long channels = channels(input);
      if (root.isEmpty() && channels > 0 && !graph.initializers().containsKey(input.getName())) {
        root = input.getName();
        rootSize = new long[] {dim(input, 2), dim(input, 3)};
        images.put(root, new Image(channels, new Size(null, 0, 0, 1, 1)));
      }
    }
    for (Node node : graph.nodes()) {
      if (node.isStandard() && node.proto().getOutputCount() > 0) {
        image(node).ifPresent(image -> images.put(node.proto().getOutput(0), image));
      }
    }
  }

  /** Whether the tensor's shape can be told, but for the number of records. */
  boolean knows(String tensor) {
    return images.containsKey(tensor);
  }

  /** Number of the tensor's channels. */
  long channels(String tensor) {
    return images.get(tensor).channels();
  }

  /** Pixels of each of the tensor's images, empty where only the run can tell. */
  OptionalLong pixels(String tensor) {
    if (rootSize[0] <= 0 || rootSize[1] <= 0) {
      return OptionalLong.empty();
    }
    long[] size = images.get(tensor).size().of(rootSize);
    return OptionalLong.of(size[0] * size[1]);
  }

  /** Name of an int64 tensor [1] of the same. */
  String pixelsAtRun(String tensor) {
    return pixels.computeIfAbsent(
        images.get(tensor).size(), size -> ops.op("ReduceProd", vector(size)));
  }

  /** Name of an int64 tensor [1]: number of records in the run, the same for all tensors. */
  String records() {
    if (records == null) {
      records = ops.gather(rootShape(), 0, 0);
    }
    return records;
  }

  private String rootShape() {
    if (rootShape == null) {
      rootShape = ops.op("Shape", root);
    }
    return rootShape;
  }

  List<NodeProto> nodes() {
    return ops.nodes();
  }

  private String vector(Size size) {
    String known = computed.get(size);
    if (known != null) {
      return known;
    }
    String made;
    if (size.from() == null) {
      made = ops.gather(rootShape(), 0, 2, 3);
    } else {
      String from = vector(size.from());
      if (size.strideH() == 1 && size.strideW() == 1) {
        made = ops.op("Add", from, ops.int64s(size.addH() + 1, size.addW() + 1));
      } else {
        String sum = ops.op("Add", from, ops.int64s(size.addH(), size.addW()));
        String steps = ops.op("Div", sum, ops.int64s(size.strideH(), size.strideW()));
        made = ops.op("Add", steps, ops.int64s(1, 1));
      }
    }
    computed.put(size, made);
    return made;
  }

  private Optional<Image> image(Node node) {
    String op = node.op();
    if (KEEP_SIZE.contains(op)) {
      return of(node, 0);
    }
    if (JOIN.contains(op)) {
      return joined(node);
    }
    return switch (op) {
      case "Conv" -> convolved(node);
      case "MaxPool", "AveragePool" -> of(node, 0).flatMap(from -> window(node, from));
      default -> Optional.empty();
    };
  }

  private Optional<Image> of(Node node, int input) {
    return node.proto().getInputCount() > input
        ? Optional.ofNullable(images.get(node.proto().getInput(input)))
        : Optional.empty();
  }

  /** Images that are added or joined by channels must be of one size; others may be broadcast. */
  private Optional<Image> joined(Node node) {
    boolean concat = node.op().equals("Concat");
    if (concat && integer(node, "axis", 0) != 1) {
      return Optional.empty();
    }
    Image common = null;
    for (String input : node.proto().getInputList()) {
      Image image = images.get(input);
      if (image == null || (common != null && !image.size().equals(common.size()))) {
        return Optional.empty();
      }
      if (common == null) {
        common = image;
      } else if (concat) {
        common = new Image(common.channels() + image.channels(), common.size());
      } else if (common.channels() != image.channels()) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(common);
  }

  private Optional<Image> convolved(Node node) {
    List<Long> weight = weight(node);
    return weight.size() != 4
        ? Optional.empty()
        : of(node, 0)
            .flatMap(from -> window(node, from))
            .map(image -> new Image(weight.get(0), image.size()));
  }

  private Optional<Image> window(Node node, Image image) {
    Size from = image.size();
    List<Long> kernel = kernel(node);
    if (kernel.size() != 2 || integer(node, "ceil_mode", 0) != 0) {
      return Optional.empty();
    }
    List<Long> strides = integers(node, "strides", List.of(1L, 1L));
    List<Long> dilations = integers(node, "dilations", List.of(1L, 1L));
    List<Long> pads = integers(node, "pads", List.of(0L, 0L, 0L, 0L));
    String autoPad = attribute(node, "auto_pad").map(a -> a.getS().toStringUtf8()).orElse("NOTSET");
    if (strides.size() != 2 || dilations.size() != 2 || pads.size() != 4) {
      return Optional.empty();
    }
    long[] add = new long[2];
    for (int i = 0; i < 2; i++) {
      long padded =
          switch (autoPad) {
            case "NOTSET", "" -> pads.get(i) + pads.get(i + 2);
            case "VALID" -> 0;
            // Padded to ceil(size / stride).
            default -> dilations.get(i) * (kernel.get(i) - 1);
          };
      add[i] = padded - dilations.get(i) * (kernel.get(i) - 1) - 1;
    }
    boolean same = add[0] == -1 && add[1] == -1 && strides.get(0) == 1 && strides.get(1) == 1;
    Size size = same ? from : new Size(from, add[0], add[1], strides.get(0), strides.get(1));
    return Optional.of(new Image(image.channels(), size));
  }

  private List<Long> kernel(Node node) {
    List<Long> given = integers(node, "kernel_shape", List.of());
    if (!given.isEmpty() || !node.op().equals("Conv")) {
      return given;
    }
    List<Long> weight = weight(node);
    return weight.size() == 4 ? weight.subList(2, 4) : List.of();
  }

  /** Shape of a convolution's weight, empty where it is not known. */
  private List<Long> weight(Node conv) {
    return conv.proto().getInputCount() < 2 ? List.of() : shape(graph, conv.proto().getInput(1));
  }

  /** Shape of a constant, empty where it is not known. */
  static List<Long> shape(Graph graph, String constant) {
    Initializer initializer = graph.initializers().get(constant);
    if (initializer != null) {
      return initializer.dims();
    }
    return graph
        .producer(constant)
        .filter(node -> node.isStandard() && node.op().equals("Constant"))
        .flatMap(node -> attribute(node, "value"))
        .map(value -> value.getT().getDimsList())
        .orElse(List.of());
  }

  /** Channels that an input [N, C, H, W] declares, 0 if it is no such input. */
  private static long channels(ValueInfoProto input) {
    return input.getType().getTensorType().getShape().getDimCount() == 4 ? dim(input, 1) : 0;
  }

  /** 0 if it is left open. */
  private static long dim(ValueInfoProto input, int axis) {
    return input.getType().getTensorType().getShape().getDim(axis).getDimValue();
  }

  private static long integer(Node node, String name, long otherwise) {
    return attribute(node, name).map(AttributeProto::getI).orElse(otherwise);
  }

  private static List<Long> integers(Node node, String name, List<Long> otherwise) {
    return attribute(node, name).map(AttributeProto::getIntsList).orElse(otherwise);
  }

  private static Optional<AttributeProto> attribute(Node node, String name) {
    return node.proto().getAttributeList().stream().filter(a -> a.getName().equals(name)).findAny();
  }
}
