package io.sparsescope.onnx;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.AttributeProto.AttributeType;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.List;

/** Makes nodes and their attributes. */
public final class Nodes {
  private Nodes() {}

  /** A node of one of ONNX's own operators. */
  public static NodeProto node(
      String op,
      List<String> inputs,
      List<String> outputs,
      String name,
      AttributeProto... attributes) {
    return node("", op, inputs, outputs, name, attributes);
  }

  /** A node of an operator of any domain, "" for ONNX's own. */
  public static NodeProto node(
      String domain,
      String op,
      List<String> inputs,
      List<String> outputs,
      String name,
      AttributeProto... attributes) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(op)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes));
    if (!domain.isEmpty()) {
      node.setDomain(domain);
    }
    if (!name.isEmpty()) {
      node.setName(name);
    }
    return node.build();
  }

  /** A Constant node that produces a tensor under the tensor's own name. */
  public static NodeProto constant(TensorProto value, String name) {
    return node("Constant", List.of(), List.of(value.getName()), name, tensor("value", value));
  }

  /** An attribute of type INT. */
  public static AttributeProto integer(String name, long value) {
    return of(name, AttributeType.INT).setI(value).build();
  }

  /** An attribute of type FLOAT. */
  public static AttributeProto real(String name, float value) {
    return of(name, AttributeType.FLOAT).setF(value).build();
  }

  /** An attribute of type STRING. */
  public static AttributeProto string(String name, String value) {
    return of(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)).build();
  }

  /** An attribute of type INTS. */
  public static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute = of(name, AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  /** An attribute of type FLOATS. */
  public static AttributeProto reals(String name, float... values) {
    AttributeProto.Builder attribute = of(name, AttributeType.FLOATS);
    for (float value : values) {
      attribute.addFloats(value);
    }
    return attribute.build();
  }

  /** An attribute of type STRINGS. */
  public static AttributeProto strings(String name, String... values) {
    AttributeProto.Builder attribute = of(name, AttributeType.STRINGS);
    for (String value : values) {
      attribute.addStrings(ByteString.copyFromUtf8(value));
    }
    return attribute.build();
  }

  /** An attribute of type TENSOR. */
  public static AttributeProto tensor(String name, TensorProto value) {
    return of(name, AttributeType.TENSOR).setT(value).build();
  }

  /** An attribute of type GRAPH: a body. */
  public static AttributeProto graph(String name, GraphProto value) {
    return of(name, AttributeType.GRAPH).setG(value).build();
  }

  private static AttributeProto.Builder of(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
