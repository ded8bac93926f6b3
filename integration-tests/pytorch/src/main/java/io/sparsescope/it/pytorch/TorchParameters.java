package io.sparsescope.it.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A net's parameters as PyTorch's tensors, and their update: SGD with momentum, weight decay for
 * what convolutions and fully connected layers multiply by. Fully connected weights are held as
 * [outputs, inputs], as PyTorch's own layers hold them.
 */
final class TorchParameters {
  private static final int FLOAT = 1;

  private final Map<String, NDArray> values = new HashMap<>();
  private final Map<String, NDArray> memory = new HashMap<>();
  private final Map<String, NDArray> leaves = new HashMap<>();
  private final Set<String> weights = new HashSet<>();
  private final Set<String> fixed = new HashSet<>();
  private final float rate;
  private final float momentum;
  private final float decay;

  TorchParameters(NDManager manager, GraphProto graph, float rate, float momentum, float decay) {
    this.rate = rate;
    this.momentum = momentum;
    this.decay = decay;
    Set<String> dense = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      switch (node.getOpType()) {
        case "Gemm" -> {
          weights.add(node.getInput(1));
          dense.add(node.getInput(1));
        }
        case "Conv" -> weights.add(node.getInput(1));
        case "BatchNormalization" -> {
          fixed.add(node.getInput(3));
          fixed.add(node.getInput(4));
        }
        default -> {}
      }
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getDataType() == FLOAT && tensor.getDimsCount() > 0) {
        add(manager, tensor, dense.contains(tensor.getName()));
      }
    }
  }

  private void add(NDManager manager, TensorProto tensor, boolean transposed) {
    ByteBuffer bytes = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(floats);
    Shape shape = new Shape(tensor.getDimsList());
    NDArray value = manager.create(floats, shape);
    if (transposed) {
      Shape turned = new Shape(shape.get(1), shape.get(0));
      value = manager.create(value.transpose().toFloatArray(), turned);
    }
    values.put(tensor.getName(), value);
    if (!fixed.contains(tensor.getName())) {
      memory.put(tensor.getName(), manager.zeros(value.getShape()));
    }
  }

  /**
   * Makes leaves for one step: they share the parameters' memory and have no gradient yet, so that
   * the backward pass stores gradients and need not add to them ({@code zero_grad(set_to_none)}).
   */
  void begin(NDManager step) {
    memory
        .keySet()
        .forEach(
            name -> {
              NDArray leaf = values.get(name).stopGradient();
              leaf.attach(step);
              leaf.setRequiresGradient(true);
              leaves.put(name, leaf);
            });
  }

  /** A tensor of the net, to compute with. */
  NDArray get(String name) {
    NDArray leaf = leaves.get(name);
    return leaf == null ? values.get(name) : leaf;
  }

  /** Updates all parameters by their leaves' gradients. */
  void update() {
    leaves.forEach(
        (name, leaf) -> {
          NDArray value = values.get(name);
          try (NDArray gradient = leaf.getGradient()) {
            value
                .getNDArrayInternal()
                .sgdUpdate(
                    new NDList(value, gradient, memory.get(name)),
                    new NDList(value),
                    rate,
                    weights.contains(name) ? decay : 0,
                    1,
                    -1,
                    momentum,
                    false);
          }
        });
    leaves.clear();
  }

  /** What weight decay adds to the loss. */
  double decay() {
    double sum = 0;
    for (String name : weights) {
      try (NDArray flat = values.get(name).flatten();
          NDArray squares = flat.dot(flat)) {
        sum += squares.getFloat();
      }
    }
    return decay / 2 * sum;
  }
}
