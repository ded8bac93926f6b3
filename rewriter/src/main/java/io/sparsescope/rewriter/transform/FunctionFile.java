package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.rewriter.RewriteException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A user's transform, from an ONNX file: its nodes are copied into the model, under names of their
 * own, wherever the transform is used. Not bakeable, since nothing here runs ONNX operators.
 *
 * @param path the file, absolute
 * @param body what it holds
 */
record FunctionFile(Path path, FunctionBody body) implements Transform {
  /** What rules begin with; the file's path follows. */
  static final String PREFIX = "file:";

  static FunctionFile of(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    return new FunctionFile(absolute, FunctionBody.read(absolute));
  }

  @Override
  public String spec() {
    return PREFIX + path;
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    ElementType type = target.kind().compareType();
    return body.type() == ElementType.UNDEFINED || body.type() == type
        ? ""
        : path
            + " takes and makes "
            + body.type().label()
            + ", but "
            + target.type().label()
            + " tensors are handed over as "
            + type.label();
  }

  @Override
  public String emit(NodeMaker nodes, String x) {
    Ops ops = nodes.ops();
    requireOpsets(ops, nodes.target());
    Map<String, String> names = new HashMap<>(Map.of(body.input(), x, "", ""));
    for (TensorProto tensor : body.initializers()) {
      String name = names.computeIfAbsent(tensor.getName(), ops::free);
      ops.initializer(tensor.toBuilder().setName(name).build());
    }
    for (NodeProto node : body.nodes()) {
      ops.put(renamed(node, names, ops));
    }
    return names.getOrDefault(body.output(), x);
  }

  private void requireOpsets(Ops ops, Target target) {
    body.opsets()
        .forEach(
            (domain, version) -> {
              int has = ops.opset(domain);
              if (has != 0 && has != version) {
                throw new RewriteException(
                    path
                        + ": imports version "
                        + version
                        + " of "
                        + (domain.isEmpty() ? "ai.onnx" : domain)
                        + ", the model with tensor "
                        + target.name()
                        + " version "
                        + has
                        + ": make the file for version "
                        + has
                        + ", for example by onnx.version_converter");
              }
              if (has == 0) {
                ops.importOpset(domain, version);
              }
            });
  }

  /** Node and tensor names, those of subgraphs too, each replaced by a free one throughout. */
  private static NodeProto renamed(NodeProto node, Map<String, String> names, Ops ops) {
    NodeProto.Builder b = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(i -> b.addInput(names.computeIfAbsent(i, ops::free)));
    node.getOutputList().forEach(o -> b.addOutput(names.computeIfAbsent(o, ops::free)));
    for (AttributeProto.Builder a : b.getAttributeBuilderList()) {
      if (a.hasG()) {
        a.setG(renamed(a.getG(), names, ops));
      }
      for (int i = 0; i < a.getGraphsCount(); i++) {
        a.setGraphs(i, renamed(a.getGraphs(i), names, ops));
      }
    }
    return b.setName(ops.free(node.getName().isEmpty() ? node.getOpType() : node.getName()))
        .build();
  }

  private static GraphProto renamed(GraphProto graph, Map<String, String> names, Ops ops) {
    GraphProto.Builder g = graph.toBuilder().clearNode();
    g.getInputBuilderList().forEach(i -> i.setName(name(i.getName(), names, ops)));
    g.getInitializerBuilderList().forEach(t -> t.setName(name(t.getName(), names, ops)));
    g.getValueInfoBuilderList().forEach(v -> v.setName(name(v.getName(), names, ops)));
    graph.getNodeList().forEach(n -> g.addNode(renamed(n, names, ops)));
    g.getOutputBuilderList().forEach(o -> o.setName(name(o.getName(), names, ops)));
    return g.build();
  }

  private static String name(String name, Map<String, String> names, Ops ops) {
    return names.computeIfAbsent(name, ops::free);
  }
}
