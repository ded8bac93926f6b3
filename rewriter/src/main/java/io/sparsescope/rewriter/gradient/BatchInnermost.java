package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which images of a step graph lie with the batch innermost: a tensor {@code [N,C,H,W]} as its
 * <em>turned</em> one, {@code [1,C,H,W,N]}. Rules say what they turn; element-wise nodes go on with
 * what is turned, and before any other node reads it, it is brought back. So each node reads what
 * it would without, under the same names, and a tensor that no node needs as it was is not made.
 */
final class BatchInnermost {
  /** Operators that compute each element from those at the same place, and scalars. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Abs",
          "Add",
          "Clip",
          "Div",
          "Elu",
          "Exp",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "LeakyRelu",
          "Mul",
          "Neg",
          "Relu",
          "Sigmoid",
          "Softplus",
          "Sqrt",
          "Sub",
          "Sum",
          "Tanh");

  private final StepGraph step;
  private final Map<String, String> turned = new HashMap<>();
  private final Set<String> missing = new LinkedHashSet<>();
  private final Set<String> unnamed = new HashSet<>();

  BatchInnermost(StepGraph step) {
    this.step = step;
  }

  /** The turned tensor of a tensor {@code [N,C,H,W]}. */
  String of(String tensor) {
    String known = turned.get(tensor);
    if (known != null) {
      return known;
    }
    String last =
        op(tensor + "/Transpose", "Transpose", List.of(Nodes.integers("perm", 1, 2, 3, 0)), tensor);
    String made = op(tensor + "/Unsqueeze", "Unsqueeze", List.of(), last, step.int64s(0));
    turned.put(tensor, made);
    return made;
  }

  private String op(String wanted, String type, List<AttributeProto> attributes, String... in) {
    return step.ops(wanted, type, 1, attributes, in).get(0);
  }

  /** Says what the turned tensor of one is that no node has made. */
  void put(String tensor, String made) {
    turned.put(tensor, made);
    missing.add(tensor);
  }

  /** A name for a tensor that is there turned only. */
  String back(String made) {
    String tensor = step.freeOwn(made + "/back");
    put(tensor, made);
    unnamed.add(tensor);
    return tensor;
  }

  /** Whether a tensor is there turned only. */
  boolean isMissing(String tensor) {
    return missing.contains(tensor);
  }

  /** Turns the gradient of a tensor that is there turned only, and will be read so. */
  void turnLike(String tensor, String gradient) {
    if (isMissing(tensor)) {
      of(gradient);
    }
  }

  /** What was one tensor is another from now on. */
  void rename(String from, String to) {
    String made = turned.remove(from);
    if (made != null) {
      turned.put(to, made);
      unnamed.remove(from);
      if (missing.remove(from)) {
        missing.add(to);
      }
    }
  }

  /** The node as it is to be added: it reads turned tensors, or what it reads is brought back. */
  NodeProto adapted(NodeProto node) {
    List<String> inputs = node.getInputList();
    if (inputs.stream().noneMatch(missing::contains)) {
      return node;
    }
    boolean normalizes = node.getOpType().equals("BatchNormalization");
    boolean elementwise =
        ELEMENTWISE.contains(node.getOpType())
            && inputs.stream().allMatch(t -> turned.containsKey(t) || step.isScalar(t));
    if (node.getOutputCount() != 1 || !(elementwise || normalizes && isMissing(inputs.get(0)))) {
      inputs.forEach(this::bringBack);
      return node;
    }
    String output = node.getOutput(0);
    String made = step.free(output + "/turned");
    put(output, made);
    NodeProto.Builder b = node.toBuilder().clearInput().setOutput(0, made);
    inputs.forEach(t -> b.addInput(turned.getOrDefault(t, t)));
    return b.build();
  }

  /** Makes a tensor that is there turned only. */
  void bringBack(String tensor) {
    if (missing.remove(tensor)) {
      String images =
          op(tensor + "/Squeeze", "Squeeze", List.of(), turned.get(tensor), step.int64s(0));
      step.opTo(
          tensor,
          tensor + "/Transpose",
          "Transpose",
          List.of(Nodes.integers("perm", 3, 0, 1, 2)),
          images);
    }
  }

  /** Tensors that were never made, by the turned ones that take their names. */
  Map<String, String> names() {
    Map<String, String> names = new HashMap<>();
    missing.stream().filter(t -> !unnamed.contains(t)).forEach(t -> names.put(turned.get(t), t));
    return names;
  }
}
