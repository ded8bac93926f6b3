package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks for contradictions between element types. What is not known contradicts nothing. */
final class TypeCheck {
  /** Operators all of whose inputs have one element type. */
  private static final Set<String> ONE_TYPE =
      StandardTypes.words(
          "Add And Concat Conv ConvTranspose Div Equal Gemm Greater GreaterOrEqual Less LessOrEqual"
              + " MatMul Max Mean Min Mod Mul Or PRelu Sub Sum Xor");

  private final Map<String, Known> known;

  /**
   * @param known types worked out without what outputs declare
   */
  TypeCheck(Map<String, Known> known) {
    this.known = known;
  }

  /** What is wrong with a node's inputs, if anything is. */
  Optional<String> inputs(NodeProto node) {
    if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
      return Optional.empty();
    }
    List<String> inputs = node.getInputList();
    if (node.getOpType().equals("Where") && inputs.size() == 3) {
      return not(inputs.get(0), ElementType.BOOL).or(() -> one(inputs.subList(1, 3)));
    }
    return ONE_TYPE.contains(node.getOpType()) ? one(inputs) : Optional.empty();
  }

  /** What is wrong with the declaration of an output, if anything is. */
  Optional<String> output(ValueInfoProto output) {
    ElementType declared = Known.of(output).element();
    return declared == ElementType.UNDEFINED ? Optional.empty() : not(output.getName(), declared);
  }

  private Optional<String> one(List<String> names) {
    for (String name : names) {
      ElementType first = element(names.get(0));
      Optional<String> wrong = first == ElementType.UNDEFINED ? Optional.empty() : not(name, first);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private Optional<String> not(String name, ElementType wanted) {
    ElementType found = element(name);
    if (found == ElementType.UNDEFINED || found == wanted) {
      return Optional.empty();
    }
    return Optional.of(
        "'" + Failures.oneLine(name) + "' is " + found.label() + ", not " + wanted.label());
  }

  private ElementType element(String name) {
    return known.getOrDefault(name, Known.NOTHING).element();
  }
}
