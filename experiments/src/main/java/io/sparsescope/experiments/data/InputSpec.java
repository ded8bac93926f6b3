package io.sparsescope.experiments.data;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An input that a model wants to be fed.
 *
 * @param name its name
 * @param type its element type; UNDEFINED where it is no tensor (a sequence, an optional)
 * @param dims its shape, {@link #ANY} for a dimension that is symbolic; empty where not even the
 *     rank is known
 */
public record InputSpec(String name, ElementType type, Optional<List<Long>> dims) {
  /** A dimension that the model leaves open. */
  public static final long ANY = -1;

  public InputSpec {
    dims = dims.map(List::copyOf);
  }

  /** A model's inputs in file order, without those that have an initializer. */
  public static List<InputSpec> of(ModelFile model) {
    Graph graph = model.graph();
    List<InputSpec> inputs = new ArrayList<>();
    for (ValueInfoProto input : graph.inputs()) {
      if (!graph.initializers().containsKey(input.getName())) {
        inputs.add(of(input));
      }
    }
    return inputs;
  }

  private static InputSpec of(ValueInfoProto input) {
    TypeProto type = input.getType();
    if (!type.hasTensorType()) {
      return new InputSpec(input.getName(), ElementType.UNDEFINED, Optional.empty());
    }
    TypeProto.Tensor tensor = type.getTensorType();
    Optional<List<Long>> dims =
        tensor.hasShape()
            ? Optional.of(tensor.getShape().getDimList().stream().map(InputSpec::dim).toList())
            : Optional.empty();
    return new InputSpec(input.getName(), ElementType.of(tensor.getElemType()), dims);
  }

  private static long dim(TensorShapeProto.Dimension dim) {
    return dim.hasDimValue() && dim.getDimValue() >= 0 ? dim.getDimValue() : ANY;
  }

  /** For messages, for example {@code float32[?,3,32,32]}. */
  String describe() {
    return type.label() + dims.map(InputSpec::describe).orElse("[...]");
  }

  static String describe(List<Long> dims) {
    return dims.stream()
        .map(dim -> dim == ANY ? "?" : Long.toString(dim))
        .collect(Collectors.joining(",", "[", "]"));
  }
}
