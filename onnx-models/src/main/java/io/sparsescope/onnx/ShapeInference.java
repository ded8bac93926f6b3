package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Works out static shapes in one pass over a model's main graph. What the graph declares goes
 * before what is worked out; what is not certain stays unknown. Shapes that the graph itself
 * computes from shapes and constants (the targets of Reshape and Expand in exports) are followed.
 */
public final class ShapeInference {
  // Up to this version an initializer that is an input, too, cannot be overridden.
  private static final int CONSTANT_INPUTS_IR = 3;

  private final ModelFile model;
  private final Set<String> functions;
  private final Map<String, List<Dim>> declared = new HashMap<>();
  private final Map<String, List<Dim>> shapes = new LinkedHashMap<>();
  private final Map<String, List<Dim>> values = new HashMap<>();

  private ShapeInference(ModelFile model) {
    this.model = model;
    this.functions = TypeInference.functions(model.functions());
  }

  /**
   * The shapes of all tensors of a model's main graph: of its inputs and initializers and of what
   * its nodes make, in this order. A dimension that only a run tells, as the batch size, is -1. A
   * tensor whose rank cannot be told is absent.
   */
  public static Map<String, List<Long>> infer(ModelFile model) {
    ShapeInference inference = new ShapeInference(model);
    inference.run();
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    inference.shapes.forEach(
        (tensor, dims) -> shapes.put(tensor, dims.stream().map(Dim::orMinusOne).toList()));
    return Collections.unmodifiableMap(shapes);
  }

  private void run() {
    model.scan().valueInfos().forEach(this::declare);
    model.graph().outputs().forEach(this::declare);
    Set<String> inputs = new HashSet<>();
    for (ValueInfoProto input : model.graph().inputs()) {
      declare(input);
      inputs.add(input.getName());
      settle(input.getName(), Optional.empty());
    }
    boolean overridable = model.header().getIrVersion() > CONSTANT_INPUTS_IR;
    for (Initializer initializer : model.graph().initializers().values()) {
      store(initializer, overridable && inputs.contains(initializer.name()));
    }
    model.graph().nodes().forEach(this::visit);
  }

  private void declare(ValueInfoProto info) {
    if (info.getType().hasTensorType() && info.getType().getTensorType().hasShape()) {
      List<Dim> dims = new ArrayList<>();
      for (TensorShapeProto.Dimension dim :
          info.getType().getTensorType().getShape().getDimList()) {
        dims.add(dim(dim));
      }
      declared.put(info.getName(), dims);
    }
  }

  private static Dim dim(TensorShapeProto.Dimension dim) {
    if (dim.hasDimValue() && dim.getDimValue() >= 0) {
      return Dim.of(dim.getDimValue());
    }
    return dim.getDimParam().isEmpty() ? Dim.unknown() : Dim.named(dim.getDimParam());
  }

  private void store(Initializer initializer, boolean overridable) {
    shapes.put(initializer.name(), certain(initializer.dims().stream().map(Dim::of).toList()));
    if (!overridable) {
      ShapeValues.of(initializer.type(), initializer.dims(), () -> model.data(initializer))
          .ifPresent(value -> values.put(initializer.name(), value));
    }
  }

  private void visit(Node node) {
    NodeProto proto = node.proto();
    List<List<Dim>> found = List.of();
    boolean own =
        node.isStandard()
            && !functions.contains(TypeInference.operator(proto.getDomain(), proto.getOpType()));
    if (own && node.op().equals("Constant")) {
      found = constant(node);
    } else if (own) {
      ShapeNode shaped = new ShapeNode(proto, model.opset(""), shapes, values);
      found = ShapeRules.outputs(shaped);
      value(shaped);
    }
    for (int i = 0; i < proto.getOutputCount(); i++) {
      String output = proto.getOutput(i);
      if (!output.isEmpty()) {
        settle(output, i < found.size() ? Optional.of(found.get(i)) : Optional.empty());
      }
    }
  }

  private List<List<Dim>> constant(Node node) {
    if (node.proto().getAttributeCount() != 1 || node.proto().getOutputCount() != 1) {
      return List.of();
    }
    Optional<TensorProto> tensor = Constants.tensor(node.proto().getAttribute(0));
    if (tensor.isEmpty()) {
      return List.of();
    }
    List<Long> dims = tensor.get().getDimsList();
    ShapeValues.of(
            ElementType.of(tensor.get().getDataType()),
            dims,
            () -> model.constant(node).orElseThrow())
        .ifPresent(value -> values.put(node.proto().getOutput(0), value));
    return List.of(dims.stream().map(Dim::of).toList());
  }

  private void value(ShapeNode node) {
    if (node.outputs() > 0 && !node.proto().getOutput(0).isEmpty()) {
      ShapeValues.of(node).ifPresent(value -> values.put(node.proto().getOutput(0), value));
    }
  }

  /** Joins what is declared of a tensor, what a rule found, and else the rank that types tell. */
  private void settle(String tensor, Optional<List<Dim>> found) {
    List<Dim> told = declared.get(tensor);
    List<Dim> shape = found.map(ShapeInference::certain).orElse(told);
    if (shape == null) {
      model
          .graph()
          .type(tensor)
          .filter(type -> type.rank().isPresent())
          .ifPresent(type -> shapes.put(tensor, ShapeRules.unknown(type.rank().getAsInt())));
    } else {
      shapes.put(tensor, told == null ? shape : declaredFirst(told, shape));
    }
  }

  private static List<Dim> declaredFirst(List<Dim> told, List<Dim> found) {
    if (told.size() != found.size()) {
      return told;
    }
    List<Dim> joined = new ArrayList<>();
    for (int i = 0; i < told.size(); i++) {
      joined.add(told.get(i).isKnown() ? told.get(i) : found.get(i));
    }
    return joined;
  }

  /** A broken model's arithmetic may come out negative: that is not known. */
  private static List<Dim> certain(List<Dim> dims) {
    return dims.stream()
        .map(dim -> dim.isKnown() && dim.value() < 0 ? Dim.unknown() : dim)
        .toList();
  }
}
