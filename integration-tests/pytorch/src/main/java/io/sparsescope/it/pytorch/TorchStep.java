package io.sparsescope.it.pytorch;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One training step of a net by PyTorch, its nodes as PyTorch's own operators. */
final class TorchStep {
  private final GraphProto graph;
  private final TorchParameters parameters;
  private final NDArray images;
  private final NDArray labels;
  private final Map<String, NDArray> masks = new HashMap<>();

  /**
   * @param images [N, channels, height, width]
   * @param labels int64 [N, 1]
   * @param masks gives what a Dropout's mask, called {@code NODE/mask}, multiplies by
   */
  TorchStep(
      GraphProto graph,
      TorchParameters parameters,
      NDArray images,
      NDArray labels,
      Function<String, NDArray> masks) {
    this.graph = graph;
    this.parameters = parameters;
    this.images = images;
    this.labels = labels;
    for (NodeProto node : graph.getNodeList()) {
      if (node.getOpType().equals("Dropout")) {
        this.masks.put(node.getName(), masks.apply(node.getName() + "/mask"));
      }
    }
  }

  /** Forward, backward, update; returns the cross-entropy before the update. */
  float run(NDManager manager) {
    try (NDManager step = manager.newSubManager()) {
      parameters.begin(step);
      NDArray loss;
      try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
        loss = loss(forward(step));
        collector.backward(loss);
      }
      parameters.update();
      return loss.getFloat();
    }
  }

  private NDArray loss(NDArray logits) {
    return logits.logSoftmax(1).gather(labels, 1).mean().neg();
  }

  private NDArray forward(NDManager step) {
    Map<String, NDArray> tensors = new HashMap<>();
    NDArray x = images.stopGradient();
    x.attach(step);
    tensors.put(graph.getInput(0).getName(), x);
    for (NodeProto node : graph.getNodeList()) {
      tensors.put(node.getOutput(0), run(node, tensors));
    }
    return tensors.get(graph.getOutput(0).getName());
  }

  private NDArray run(NodeProto node, Map<String, NDArray> tensors) {
    NDArray x = tensors.get(node.getInput(0));
    return switch (node.getOpType()) {
      case "Conv" -> conv(node, x);
      case "Gemm" ->
          x.getNDArrayInternal().linear(x, parameter(node, 1), parameter(node, 2)).get(0);
      case "Relu" -> x.getNDArrayInternal().relu();
      case "MaxPool" ->
          x.getNDArrayInternal()
              .maxPool(shape(node, "kernel_shape"), shape(node, "strides"), pads(node), ceil(node));
      case "GlobalAveragePool" ->
          x.reshape(x.getShape().get(0), x.getShape().get(1), -1).mean(new int[] {2});
      case "BatchNormalization" -> batchNorm(node, x);
      case "LRN" -> localResponse(node, x);
      case "Add" -> x.add(tensors.get(node.getInput(1)));
      case "Dropout" -> x.mul(masks.get(node.getName()));
      case "Flatten" -> x.reshape(x.getShape().get(0), -1);
      default ->
          throw new IllegalArgumentException(
              "node " + node.getName() + ": " + node.getOpType() + " is not known here");
    };
  }

  private NDArray conv(NodeProto node, NDArray x) {
    Shape dilation = new Shape(1, 1);
    return x.getNDArrayInternal()
        .convolution(
            x,
            parameter(node, 1),
            node.getInputCount() > 2 ? parameter(node, 2) : null,
            shape(node, "strides"),
            pads(node),
            dilation,
            1)
        .get(0);
  }

  private NDArray batchNorm(NodeProto node, NDArray x) {
    return x.getNDArrayInternal()
        .batchNorm(
            x,
            parameter(node, 3),
            parameter(node, 4),
            parameter(node, 1),
            parameter(node, 2),
            1,
            // PyTorch's momentum is the weight of the new value, ONNX's that of the old one.
            1 - attribute(node, "momentum").getF(),
            attribute(node, "epsilon").getF(),
            true)
        .get(0);
  }

  /** As PyTorch's own {@code local_response_norm}: a mean over channels by a pool in depth. */
  private NDArray localResponse(NodeProto node, NDArray x) {
    long size = attribute(node, "size").getI();
    NDArray mean =
        x.mul(x)
            .expandDims(1)
            .getNDArrayInternal()
            .avgPool(
                new Shape(size, 1, 1), new Shape(1, 1, 1), new Shape(size / 2, 0, 0), false, true)
            .squeeze(1);
    NDArray divisor =
        mean.mul(attribute(node, "alpha").getF())
            .add(attribute(node, "bias").getF())
            .pow(attribute(node, "beta").getF());
    return x.div(divisor);
  }

  private NDArray parameter(NodeProto node, int input) {
    return parameters.get(node.getInput(input));
  }

  private static Shape shape(NodeProto node, String name) {
    return new Shape(attribute(node, name).getIntsList());
  }

  /** What stands at the beginning of each axis; {@link #ceil} sees to one more at its end. */
  private static Shape pads(NodeProto node) {
    List<Long> pads = attribute(node, "pads").getIntsList();
    return new Shape(pads.subList(0, 2));
  }

  /** A pool whose pads are larger at the end has windows that reach over the edge there. */
  private static boolean ceil(NodeProto node) {
    List<Long> pads = attribute(node, "pads").getIntsList();
    return !pads.subList(0, 2).equals(pads.subList(2, 4));
  }

  private static AttributeProto attribute(NodeProto node, String name) {
    return node.getAttributeList().stream()
        .filter(a -> a.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(node.getName() + " has no " + name));
  }
}
