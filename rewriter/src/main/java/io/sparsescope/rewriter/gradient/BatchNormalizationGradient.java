package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * BatchNormalization. If its scale or shift trains, it is computed as in training: by the batch's
 * mean and biased variance, and with the next running statistics {@code momentum * running + (1 -
 * momentum) * batch}, the variance among them unbiased (n / (n - 1)), as PyTorch has it and not as
 * ONNX. Else it stays as it is.
 *
 * <p>Never with {@code training_mode}: ONNX Runtime's kernel then writes into its inputs (issue
 * 29790). The operator's inference form, fed with the batch's statistics, computes the same.
 */
final class BatchNormalizationGradient implements GradientRule {
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.9f;

  @Override
  public void forward(NodeGradient node) {
    if (!trains(node)) {
      node.addForward(node.proto());
      return;
    }
    if (LongStream.range(1, node.outputs()).anyMatch(i -> node.isRead((int) i))) {
      throw node.failure(
          "has statistics that other nodes read", "export the model in its inference form");
    }
    String x = rows(node, node.input(0));
    String mean = node.op("ReduceMean", x, axes(node));
    String centered = node.op("Sub", x, mean);
    String variance = variance(node, centered);
    String means = perChannel(node, mean);
    addNormalization(node, means, variance);
    node.keep("centered", centered);
    node.keep("variance", variance);
    addNext(node, means, variance);
  }

  private static void addNormalization(NodeGradient node, String means, String variance) {
    List<AttributeProto> epsilon = List.of(Nodes.real("epsilon", node.real("epsilon", EPSILON)));
    String scale = node.input(1);
    String shift = node.input(2);
    if (turns(node)) {
      String x = node.turned(node.input(0));
      node.addForwardTurned("BatchNormalization", epsilon, x, scale, shift, means, variance);
    } else {
      String x = node.input(0);
      node.addForward(0, "BatchNormalization", epsilon, x, scale, shift, means, variance);
    }
  }

  private static boolean turns(NodeGradient node) {
    return node.turns(node.input(0));
  }

  /** With the batch innermost a channel is one row, {@code [1,C,HWN]}. */
  private static String rows(NodeGradient node, String x) {
    long channels = node.dim(node.input(1), 0);
    return turns(node) ? node.op("Reshape", node.turned(x), node.int64s(1, channels, -1)) : x;
  }

  /**
   * By map first: ONNX Runtime 1.29.0 sums squares fast along the last dimension only, if that is
   * short.
   */
  private static String variance(NodeGradient node, String centered) {
    if (turns(node)) {
      return node.op("Div", sum(node, node.op("Mul", centered, centered)), elements(node));
    }
    String maps = node.op("Reshape", centered, node.int64s(0, 0, -1));
    String squares =
        node.op("ReduceSumSquare", List.of(Nodes.integer("keepdims", 0)), maps, node.int64s(-1));
    String sum =
        node.op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), squares, node.int64s(0));
    return node.op("Div", sum, elements(node));
  }

  private static boolean trains(NodeGradient node) {
    return node.wants(1) || node.wants(2);
  }

  private static void addNext(NodeGradient node, String mean, String variance) {
    String n = elements(node);
    String less = node.op("Max", node.op("Sub", n, node.scalar(1)), node.scalar(1));
    String unbiased = node.op("Mul", variance, node.op("Div", n, less));
    node.next(3, moved(node, node.input(3), mean));
    node.next(4, moved(node, node.input(4), unbiased));
  }

  private static String moved(NodeGradient node, String running, String batch) {
    float momentum = node.real("momentum", MOMENTUM);
    return node.op(
        "Add",
        node.op("Mul", running, node.scalar(momentum)),
        node.op("Mul", batch, node.scalar(1.0 - momentum)));
  }

  /** How many elements a channel has in the batch, float32. */
  private static String elements(NodeGradient node) {
    String size =
        node.op(
            "Cast", List.of(Nodes.integer("to", 1)), node.op("Size", rows(node, node.input(0))));
    return node.op("Div", size, node.scalar(node.dim(node.input(1), 0)));
  }

  @Override
  public void backward(NodeGradient node) {
    if (trains(node)) {
      trained(node);
    } else {
      String zeros = zeros(node);
      List<AttributeProto> epsilon = List.of(Nodes.real("epsilon", node.real("epsilon", EPSILON)));
      node.give(
          0,
          node.op(
              "BatchNormalization",
              epsilon,
              node.gradient(),
              node.input(1),
              zeros,
              zeros,
              node.input(4)));
    }
  }

  private static void trained(NodeGradient node) {
    String dy = rows(node, node.gradient());
    String centered = node.kept("centered");
    String deviation =
        node.op(
            "Sqrt",
            node.op("Add", node.kept("variance"), node.scalar(node.real("epsilon", EPSILON))));
    String shift = sum(node, dy);
    String scale = node.op("Div", sum(node, node.op("Mul", dy, centered)), deviation);
    if (node.wants(1)) {
      node.give(1, scale);
    }
    if (node.wants(2)) {
      node.give(2, shift);
    }
    if (node.wants(0)) {
      // dx = a (dy - shift/n - xhat scale/n), a = gamma / deviation, xhat = centered / deviation
      String n = elements(node);
      String a = node.op("Div", node.input(1), deviation);
      String minusA = node.op("Div", node.op("Neg", a), n);
      String c = node.op("Mul", minusA, shift);
      String b = node.op("Div", node.op("Mul", minusA, scale), deviation);
      node.give(
          0,
          images(
              node,
              node.op("Add", scaled(node, dy, a, c), scaled(node, centered, b, zeros(node)))));
    }
  }

  private static String images(NodeGradient node, String rows) {
    return turns(node) ? node.backFrom(rows, node.input(0)) : rows;
  }

  /** x * factor + term, by channel: the operator does it faster than broadcasting. */
  private static String scaled(NodeGradient node, String x, String factor, String term) {
    float[] ones = new float[(int) node.dim(node.input(1), 0)];
    Arrays.fill(ones, 1);
    return node.op(
        "BatchNormalization",
        List.of(Nodes.real("epsilon", 0)),
        x,
        factor,
        term,
        zeros(node),
        node.floats(ones, ones.length));
  }

  private static String zeros(NodeGradient node) {
    int channels = (int) node.dim(node.input(1), 0);
    return node.floats(new float[channels], channels);
  }

  private static String sum(NodeGradient node, String x) {
    return node.op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), x, axes(node));
  }

  private static String perChannel(NodeGradient node, String x) {
    return node.op("Reshape", x, node.int64s(-1));
  }

  /** All axes but that of the channels. */
  private static String axes(NodeGradient node) {
    int rank = turns(node) ? 3 : node.rank(node.input(0));
    return node.int64s(LongStream.range(0, rank).filter(i -> i != 1).toArray());
  }
}
