package io.sparsescope.rewriter.match;

import io.sparsescope.onnx.Node;
import java.util.List;

/**
 * A layer: a node that computes with weights (Conv, Gemm, MatMul with weights, RNN, attention, and
 * their quantized and fused kin) and the element-wise nodes that follow it one after another.
 *
 * <p>An <em>embedding</em> (Gather of rows of a constant table) is a layer by its weights:
 * patterns, blocks and counts of weights reach it. It has no activation that {@code layer:*} taps,
 * since it computes nothing and what follows is often a sum of several.
 *
 * @param name the main node's name without a slash at the beginning and without a last segment that
 *     only repeats the operator; unique in the model
 * @param mainNode the node that computes with the weights
 * @param nodes the main node and those that follow it, in order
 * @param activation the last of their tensors, before pooling, branching or the next layer; of an
 *     embedding the rows
 * @param weights the main node's weights
 * @param biases its biases, and what an Add right behind it adds ({@link Weight})
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

  /** Whether it looks rows of a table up and has no activation. */
  public boolean isEmbedding() {
    return Operators.embedding(mainNode) != null;
  }
}
