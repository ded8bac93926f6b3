package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node as shape inference sees it.
 *
 * @param proto the node
 * @param opset version of ONNX's own operators
 * @param shapes shapes of tensors whose rank is known
 * @param values elements of small integer tensors of rank 0 or 1, as far as they are known
 */
record ShapeNode(
    NodeProto proto, int opset, Map<String, List<Dim>> shapes, Map<String, List<Dim>> values) {

  String op() {
    return proto.getOpType();
  }

  int inputs() {
    return proto.getInputCount();
  }

  int outputs() {
    return proto.getOutputCount();
  }

  boolean has(int input) {
    return input < inputs() && !proto.getInput(input).isEmpty();
  }

  /** An input's shape; empty if its rank is not known or it is left out. */
  Optional<List<Dim>> shape(int input) {
    return has(input) ? Optional.ofNullable(shapes.get(proto.getInput(input))) : Optional.empty();
  }

  /** The elements of a small integer input of rank 0 or 1. */
  Optional<List<Dim>> value(int input) {
    return has(input) ? Optional.ofNullable(values.get(proto.getInput(input))) : Optional.empty();
  }

  /** Likewise, if every one of them is known. */
  Optional<List<Long>> numbers(int input) {
    return value(input)
        .filter(dims -> dims.stream().allMatch(Dim::isKnown))
        .map(dims -> dims.stream().map(Dim::value).toList());
  }

  Optional<AttributeProto> attribute(String name) {
    return proto.getAttributeList().stream()
        .filter(attribute -> attribute.getName().equals(name))
        .findFirst();
  }

  long integer(String name, long otherwise) {
    return attribute(name).map(AttributeProto::getI).orElse(otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    return integer(name, otherwise ? 1 : 0) != 0;
  }

  String text(String name, String otherwise) {
    return attribute(name).map(found -> found.getS().toStringUtf8()).orElse(otherwise);
  }

  Optional<List<Long>> integers(String name) {
    return attribute(name).map(AttributeProto::getIntsList);
  }

  /** A list that newer opsets take as an input and older ones as an attribute. */
  Optional<List<Long>> listed(String name, int input) {
    return has(input) ? numbers(input) : integers(name);
  }

  /** Whether such a list is there at all, known or not. */
  boolean lists(String name, int input) {
    return has(input) || attribute(name).isPresent();
  }
}
