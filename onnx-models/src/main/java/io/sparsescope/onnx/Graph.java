package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The model's main graph with its links: who produces a tensor, who consumes it, of what type. */
public interface Graph {
  String name();

  /** Nodes of the main graph in file order. */
  List<Node> nodes();

  /** Nodes of the main graph and of all subgraphs, outer before inner, in file order. */
  List<Node> allNodes();

  /** Inputs in file order, those that are initializers too included. */
  List<ValueInfoProto> inputs();

  List<ValueInfoProto> outputs();

  /** By name, in file order; dense and sparse. */
  Map<String, Initializer> initializers();

  /** The node of the main graph whose output the tensor is. */
  Optional<Node> producer(String tensor);

  /**
   * Nodes of the main graph that read the tensor, in file order, each once; a node whose subgraph
   * reads it counts too.
   */
  List<Node> consumers(String tensor);

  boolean isOutput(String tensor);

  /**
   * Type of a tensor of the main graph: declared (value_info, input, output, initializer) or
   * inferred from its producer. Empty where neither tells.
   */
  Optional<TensorType> type(String tensor);
}
