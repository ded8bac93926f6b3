package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Node;
import java.util.List;

/**
 * A layer: a node that computes with weights (Conv, Gemm, MatMul with weights, RNN, attention, and
 * their quantized and fused kin) and the element-wise nodes that follow it one after another.
 *
 * @param name the main node's name without a slash at the beginning and without a last segment that
 *     only repeats the operator; unique in the model
 * @param mainNode the node that computes with the weights
 * @param nodes the main node and those that follow it, in order
 * @param activation the last of their tensors, before pooling, branching or the next layer
 * @param weights the main node's weights
 * @param biases its biases, counted apart from weights
 */
public record Layer(
    String name,
    Node mainNode,
    List<Node> nodes,
    String activation,
    List<Weight> weights,
    List<Weight> biases) {

  public Layer {
    nodes = List.copyOf(nodes);
    weights = List.copyOf(weights);
    biases = List.copyOf(biases);
  }
}
