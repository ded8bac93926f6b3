package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Graphs inside attributes of nodes: the bodies of If, Loop and Scan. */
final class Subgraphs {
  private Subgraphs() {}

  /** Calls {@code visit} with attribute name and graph, for each graph a node holds directly. */
  static void forEach(NodeProto node, BiConsumer<String, GraphProto> visit) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        visit.accept(attribute.getName(), attribute.getG());
      }
      for (GraphProto graph : attribute.getGraphsList()) {
        visit.accept(attribute.getName(), graph);
      }
    }
  }

  /** Names that a node reads: its inputs, and what its subgraphs take from around them. */
  static Set<String> reads(NodeProto node) {
    Set<String> names = new LinkedHashSet<>();
    for (String input : node.getInputList()) {
      if (!input.isEmpty()) {
        names.add(input);
      }
    }
    forEach(node, (attribute, graph) -> names.addAll(captures(graph)));
    return names;
  }

  /** Names that a graph reads but does not define. */
  private static Set<String> captures(GraphProto graph) {
    Set<String> defined = new HashSet<>();
    graph.getInputList().forEach(input -> defined.add(input.getName()));
    initializerNames(graph).forEach(defined::add);
    graph.getNodeList().forEach(node -> defined.addAll(node.getOutputList()));
    Set<String> captured = new LinkedHashSet<>();
    Consumer<String> read =
        name -> {
          if (!name.isEmpty() && !defined.contains(name)) {
            captured.add(name);
          }
        };
    graph.getNodeList().forEach(node -> reads(node).forEach(read));
    for (ValueInfoProto output : graph.getOutputList()) {
      read.accept(output.getName());
    }
    return captured;
  }

  /** Names of a subgraph's initializers, dense and sparse. */
  static List<String> initializerNames(GraphProto graph) {
    List<String> names = new ArrayList<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      names.add(tensor.getName());
    }
    for (SparseTensorProto tensor : graph.getSparseInitializerList()) {
      names.add(tensor.getValues().getName());
    }
    return names;
  }

  /** Calls {@code visit} with every tensor in the attributes of a node and of its subgraphs. */
  static void forEachTensor(NodeProto node, Consumer<TensorProto> visit) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasT()) {
        visit.accept(attribute.getT());
      }
      attribute.getTensorsList().forEach(visit);
      if (attribute.hasSparseTensor()) {
        visit.accept(attribute.getSparseTensor().getValues());
        visit.accept(attribute.getSparseTensor().getIndices());
      }
      attribute
          .getSparseTensorsList()
          .forEach(
              tensor -> {
                visit.accept(tensor.getValues());
                visit.accept(tensor.getIndices());
              });
    }
    forEach(
        node,
        (name, graph) -> {
          graph.getInitializerList().forEach(visit);
          graph
              .getSparseInitializerList()
              .forEach(
                  tensor -> {
                    visit.accept(tensor.getValues());
                    visit.accept(tensor.getIndices());
                  });
          graph.getNodeList().forEach(inner -> forEachTensor(inner, visit));
        });
  }
}
