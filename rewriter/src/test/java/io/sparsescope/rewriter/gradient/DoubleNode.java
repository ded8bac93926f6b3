package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/**
 * A node that is being run, with the values of its inputs.
 *
 * @param inputs null for one that is left out
 * @param training whether BatchNormalization takes the batch's own mean and variance
 */
record DoubleNode(NodeProto proto, List<DoubleTensor> inputs, int opset, boolean training) {
  /** What an operator makes of its inputs. */
  interface Operator {
    List<DoubleTensor> run(DoubleNode node);

    /** An operator of one output. */
    interface Single {
      DoubleTensor run(DoubleNode node);
    }

    static Operator single(Single f) {
      return node -> List.of(f.run(node));
    }
  }

  DoubleTensor input(int i) {
    return inputs.get(i);
  }

  boolean hasInput(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  Optional<AttributeProto> attribute(String name) {
    return proto.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  long integer(String name, long otherwise) {
    return attribute(name).map(AttributeProto::getI).orElse(otherwise);
  }

  /** Attributes are float32. */
  double real(String name, double otherwise) {
    return attribute(name).map(AttributeProto::getF).orElse((float) otherwise);
  }

  String string(String name, String otherwise) {
    return attribute(name).map(a -> a.getS().toStringUtf8()).orElse(otherwise);
  }

  /** A list of integers from an attribute (older opsets) or an input (newer ones). */
  Optional<long[]> integers(String name, int input) {
    Optional<long[]> list =
        attribute(name).map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray());
    return list.isPresent() || !hasInput(input) ? list : Optional.of(input(input).longs());
  }

  Optional<long[]> integers(String name) {
    return integers(name, Integer.MAX_VALUE);
  }
}
