package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.function.Function;

/** A node as inference sees it: its attributes, and what is known of its inputs. */
record Inputs(NodeProto node, int opset, Function<String, Known> known) {

  /** What is known of an input; nothing if it is left out. */
  Known at(int index) {
    return has(index) ? known.apply(node.getInput(index)) : Known.NOTHING;
  }

  boolean has(int index) {
    return index < node.getInputCount() && !node.getInput(index).isEmpty();
  }

  ElementType element(int index) {
    return at(index).element();
  }

  int rank(int index) {
    return at(index).rank();
  }

  int count() {
    return node.getInputCount();
  }

  boolean hasAttribute(String name) {
    return attribute(name) != null;
  }

  AttributeProto attribute(String name) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute;
      }
    }
    return null;
  }

  long integer(String name, long otherwise) {
    AttributeProto attribute = attribute(name);
    return attribute == null ? otherwise : attribute.getI();
  }

  /** The element type an attribute names; {@code otherwise} if it is not there or 0. */
  ElementType type(String name, ElementType otherwise) {
    long number = integer(name, 0);
    return number == 0 ? otherwise : ElementType.of((int) number);
  }

  /** The length of a list attribute, or else of the one-dimensional input; -1 if not known. */
  long listLength(String name, int input) {
    AttributeProto attribute = attribute(name);
    return attribute != null ? attribute.getIntsCount() : at(input).length();
  }
}
