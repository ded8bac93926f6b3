package io.sparsescope.it.bench;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Ways to count the zeros behind every Relu. The rewriter's own, and others to compare it with. */
enum Recipe {
  PLAIN("plain run"),
  FAST("rewriter, as the agent counts"),
  CHANNELS("rewriter, as the agent counts with a reference"),
  EXACT("rewriter, as files count"),
  CAST_CAST_SUM("Cast to bool, Cast to float, ReduceSum"),
  SIGN_SUM("Sign, ReduceSum"),
  BOOL_BYTES("Cast to bool, bytes counted by ZeroCounter"),
  RAW_COUNTED("raw outputs counted by ZeroCounter, no copy"),
  RAW_UNREAD("raw outputs, not read");

  private static final long BOOL = 9;
  private static final long FLOAT = 1;

  private final String title;

  Recipe(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Writes the model that follows this recipe; {@code model} itself for a plain run. */
  Path write(Path model, Path folder) throws IOException {
    Path out = folder.resolve(name() + ".onnx");
    switch (this) {
      case PLAIN -> {
        return model;
      }
      case FAST, CHANNELS, EXACT -> {
        Rules rules = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
        try (ModelFile file = ModelFile.open(model)) {
          CountMode mode = this == EXACT ? CountMode.EXACT : CountMode.FAST;
          new Rewriter(rules, false, false, mode, this == CHANNELS).plan(file).edit().writeTo(out);
        }
      }
      default -> {
        ModelProto.Builder builder = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
        addCounting(builder.getGraphBuilder());
        try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(out))) {
          builder.build().writeTo(stream);
        }
      }
    }
    return out;
  }

  private void addCounting(GraphProto.Builder graph) {
    List<NodeProto> nodes = new ArrayList<>(graph.getNodeList());
    graph.clearNode();
    for (NodeProto node : nodes) {
      graph.addNode(node);
      if (node.getOpType().equals("Relu")) {
        String tensor = node.getOutput(0);
        List<NodeProto> counting = counting(tensor);
        graph.addAllNode(counting);
        graph.addOutput(
            ValueInfoProto.newBuilder().setName(counting.isEmpty() ? tensor : tensor + "/count"));
      }
    }
  }

  private List<NodeProto> counting(String x) {
    return switch (this) {
      case CAST_CAST_SUM ->
          List.of(
              node("Cast", x, x + "/bool", integer("to", BOOL)),
              node("Cast", x + "/bool", x + "/ones", integer("to", FLOAT)),
              node("ReduceSum", x + "/ones", x + "/count", integer("keepdims", 0)));
      case SIGN_SUM ->
          List.of(
              node("Sign", x, x + "/sign"),
              node("ReduceSum", x + "/sign", x + "/count", integer("keepdims", 0)));
      case BOOL_BYTES -> List.of(node("Cast", x, x + "/count", integer("to", BOOL)));
      default -> List.of();
    };
  }

  private static NodeProto node(String op, String in, String out, AttributeProto... attributes) {
    return NodeProto.newBuilder()
        .setOpType(op)
        .setName(out)
        .addInput(in)
        .addOutput(out)
        .addAllAttribute(List.of(attributes))
        .build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }
}
