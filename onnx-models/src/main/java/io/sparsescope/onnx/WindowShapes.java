package io.sparsescope.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Shapes of what slides a window over [N, C, D1, ..]: convolutions and pooling, by the formulas of
 * ONNX's Conv, ConvTranspose, MaxPool and AveragePool.
 */
final class WindowShapes {
  private WindowShapes() {}

  static Optional<List<Dim>> convolution(ShapeNode node) {
    Optional<List<Dim>> weights = node.shape(1);
    Optional<List<Dim>> data = node.shape(0);
    if (weights.isEmpty() || data.isEmpty() || weights.get().size() != data.get().size()) {
      return unknownOf(data.or(() -> weights));
    }
    List<Dim> kernel = kernel(node, weights.get());
    List<Dim> shape = start(data.get(), weights.get().get(0));
    for (int i = 0; i < kernel.size(); i++) {
      shape.add(slide(node, data.get().get(i + 2), kernel.get(i), i, kernel.size()));
    }
    return Optional.of(shape);
  }

  static Optional<List<Dim>> transposed(ShapeNode node) {
    Optional<List<Dim>> weights = node.shape(1);
    Optional<List<Dim>> data = node.shape(0);
    if (weights.isEmpty() || data.isEmpty() || weights.get().size() != data.get().size()) {
      return unknownOf(data.or(() -> weights));
    }
    List<Dim> kernel = kernel(node, weights.get());
    Dim perGroup = weights.get().get(1);
    Dim channels =
        perGroup.isKnown() ? Dim.of(perGroup.value() * node.integer("group", 1)) : Dim.unknown();
    List<Dim> shape = start(data.get(), channels);
    for (int i = 0; i < kernel.size(); i++) {
      shape.add(spread(node, data.get().get(i + 2), kernel.get(i), i, kernel.size()));
    }
    return Optional.of(shape);
  }

  static Optional<List<Dim>> pooling(ShapeNode node) {
    Optional<List<Dim>> data = node.shape(0);
    List<Long> kernel = node.integers("kernel_shape").orElse(List.of());
    if (data.isEmpty() || data.get().size() != kernel.size() + 2) {
      return unknownOf(data);
    }
    List<Dim> shape = start(data.get(), data.get().get(1));
    for (int i = 0; i < kernel.size(); i++) {
      shape.add(slide(node, data.get().get(i + 2), Dim.of(kernel.get(i)), i, kernel.size()));
    }
    return Optional.of(shape);
  }

  static Optional<List<Dim>> global(ShapeNode node) {
    return node.shape(0)
        .map(
            data -> {
              List<Dim> shape = new ArrayList<>(Collections.nCopies(data.size(), Dim.ONE));
              for (int i = 0; i < Math.min(2, data.size()); i++) {
                shape.set(i, data.get(i));
              }
              return shape;
            });
  }

  /**
   * How many places a window has along one axis.
   *
   * @param size of the axis
   * @param axis counted among the spatial ones
   */
  private static Dim slide(ShapeNode node, Dim size, Dim kernel, int axis, int axes) {
    if (!size.isKnown() || !kernel.isKnown()) {
      return Dim.unknown();
    }
    long stride = at(node, "strides", axis, 1);
    long window = at(node, "dilations", axis, 1) * (kernel.value() - 1) + 1;
    String auto = node.text("auto_pad", "NOTSET");
    if (stride < 1) {
      return Dim.unknown();
    }
    if (auto.startsWith("SAME")) {
      return Dim.of(ceil(size.value(), stride));
    }
    long begin = auto.equals("VALID") ? 0 : at(node, "pads", axis, 0);
    long end = auto.equals("VALID") ? 0 : at(node, "pads", axis + axes, 0);
    long free = size.value() + begin + end - window;
    if (free < 0) {
      return Dim.unknown();
    }
    long places = free / stride + 1;
    if (node.flag("ceil_mode", false)) {
      places = ceil(free, stride) + 1;
      // A last window that would start in the padding at the end is left out.
      places -= (places - 1) * stride >= size.value() + begin ? 1 : 0;
    }
    return Dim.of(places);
  }

  private static Dim spread(ShapeNode node, Dim size, Dim kernel, int axis, int axes) {
    Optional<List<Long>> given = node.integers("output_shape").filter(list -> !list.isEmpty());
    if (given.isPresent()) {
      // Some exporters give batch and channels, too.
      int place = axis + given.get().size() - axes;
      return place < 0 ? Dim.unknown() : Dim.of(given.get().get(place));
    }
    if (!size.isKnown() || !kernel.isKnown()) {
      return Dim.unknown();
    }
    long stride = at(node, "strides", axis, 1);
    long window = at(node, "dilations", axis, 1) * (kernel.value() - 1) + 1;
    String auto = node.text("auto_pad", "NOTSET");
    if (auto.startsWith("SAME")) {
      // ONNX asks for this size always; runtimes give less where nothing is left to be cut off.
      return window >= stride ? Dim.of(size.value() * stride) : Dim.unknown();
    }
    long pads =
        auto.equals("VALID") ? 0 : at(node, "pads", axis, 0) + at(node, "pads", axis + axes, 0);
    long spread = (size.value() - 1) * stride + window + at(node, "output_padding", axis, 0) - pads;
    return spread < 0 ? Dim.unknown() : Dim.of(spread);
  }

  private static List<Dim> kernel(ShapeNode node, List<Dim> weights) {
    int axes = weights.size() - 2;
    return node.integers("kernel_shape")
        .filter(kernel -> kernel.size() == axes)
        .map(kernel -> kernel.stream().map(Dim::of).toList())
        .orElse(weights.subList(2, weights.size()));
  }

  private static List<Dim> start(List<Dim> data, Dim channels) {
    List<Dim> shape = new ArrayList<>(data.size());
    shape.add(data.get(0));
    shape.add(channels);
    return shape;
  }

  private static Optional<List<Dim>> unknownOf(Optional<List<Dim>> like) {
    return like.map(dims -> ShapeRules.unknown(dims.size()));
  }

  private static long at(ShapeNode node, String name, int place, long otherwise) {
    return node.integers(name)
        .filter(list -> place < list.size())
        .map(list -> list.get(place))
        .orElse(otherwise);
  }

  private static long ceil(long a, long b) {
    return (a + b - 1) / b;
  }
}
