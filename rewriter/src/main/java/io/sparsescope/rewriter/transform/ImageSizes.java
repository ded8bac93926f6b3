package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sizes of images (the height and width of tensors [N, C, H, W]) computed from the shape of the
 * graph's input by the arithmetic of Conv and pooling, instead of read off the tensors: a tensor
 * whose shape is asked for must be put into the plain layout, which costs more than counting it.
 * Tensors of one size share their nodes.
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
   * An image's size: that of an input of the graph, or made from another size by {@code floor((size
   * + add) / stride) + 1} for height and width.
   *
   * @param input name of the graph's input, "" where the size is made from another
   */
  private record Size(String input, Size from, long addH, long addW, long strideH, long strideW) {}

  private final Graph graph;
  private final Ops ops;
  private final Map<String, Size> sizes = new HashMap<>();

  /** Names of the tensors that hold sizes: int64 [2], height and width. */
  private final Map<Size, String> computed = new HashMap<>();

  private final Map<Size, String> pixels = new HashMap<>();

  /**
   * @param ops makes the nodes, which come before all others
   */
  ImageSizes(Graph graph, Ops ops) {
    this.graph = graph;
    this.ops = ops;
    for (ValueInfoProto input : graph.inputs()) {
      boolean image = graph.type(input.getName()).flatMap(ImageSizes::rank).orElse(0) == 4;
      if (image && !graph.initializers().containsKey(input.getName())) {
        sizes.put(input.getName(), new Size(input.getName(), null, 0, 0, 1, 1));
      }
    }
    for (Node node : graph.nodes()) {
      if (node.isStandard() && node.proto().getOutputCount() > 0) {
        size(node).ifPresent(size -> sizes.put(node.proto().getOutput(0), size));
      }
    }
  }

  /** Whether the size of the tensor's images can be told. */
  boolean knows(String tensor) {
    return sizes.containsKey(tensor);
  }

  /** Name of an int64 tensor [1, 1, 1, 1]: pixels of each of the tensor's images. */
  String pixels(String tensor) {
    return pixels.computeIfAbsent(
        sizes.get(tensor),
        size -> ops.op("Reshape", ops.op("ReduceProd", vector(size)), ops.int64s(1, 1, 1, 1)));
  }

  List<io.sparsescope.onnx.proto.NodeProto> nodes() {
    return ops.nodes();
  }

  private String vector(Size size) {
    String known = computed.get(size);
    if (known != null) {
      return known;
    }
    String made;
    if (size.from() == null) {
      made = ops.gather(ops.op("Shape", size.input()), 0, 2, 3);
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

  private Optional<Size> size(Node node) {
    String op = node.op();
    if (KEEP_SIZE.contains(op)) {
      return of(node, 0);
    }
    if (JOIN.contains(op)) {
      return joined(node);
    }
    return switch (op) {
      case "Conv", "MaxPool", "AveragePool" -> of(node, 0).flatMap(from -> window(node, from));
      default -> Optional.empty();
    };
  }

  private Optional<Size> of(Node node, int input) {
    return node.proto().getInputCount() > input
        ? Optional.ofNullable(sizes.get(node.proto().getInput(input)))
        : Optional.empty();
  }

  /** Images that are added or joined by channels must be of one size; others may be broadcast. */
  private Optional<Size> joined(Node node) {
    if (node.op().equals("Concat") && integer(node, "axis", 0) != 1) {
      return Optional.empty();
    }
    Size common = null;
    for (String input : node.proto().getInputList()) {
      Size size = sizes.get(input);
      if (size == null || (common != null && !size.equals(common))) {
        return Optional.empty();
      }
      common = size;
    }
    return Optional.ofNullable(common);
  }

  private Optional<Size> window(Node node, Size from) {
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
    return Optional.of(
        same ? from : new Size("", from, add[0], add[1], strides.get(0), strides.get(1)));
  }

  private List<Long> kernel(Node node) {
    List<Long> given = integers(node, "kernel_shape", List.of());
    if (!given.isEmpty() || !node.op().equals("Conv") || node.proto().getInputCount() < 2) {
      return given;
    }
    Initializer weight = graph.initializers().get(node.proto().getInput(1));
    return weight == null || weight.dims().size() != 4 ? List.of() : weight.dims().subList(2, 4);
  }

  private static Optional<Integer> rank(io.sparsescope.onnx.TensorType type) {
    return type.element() == ElementType.UNDEFINED || type.rank().isEmpty()
        ? Optional.empty()
        : Optional.of(type.rank().getAsInt());
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
