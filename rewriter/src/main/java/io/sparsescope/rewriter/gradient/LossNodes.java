package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.List;
import java.util.Optional;

/** Adds a loss and its gradient to a step graph. */
final class LossNodes {
  private final StepGraph step;
  private final Loss loss;
  private final String judged;

  /**
   * @param judged the tensor that the loss judges ({@link #judged})
   */
  LossNodes(StepGraph step, Loss loss, String judged) {
    this.step = step;
    this.loss = loss;
    this.judged = judged;
  }

  /**
   * The tensor that the loss judges: the output itself, or the logits from which a model's last
   * node makes probabilities.
   */
  static String judged(Graph graph, Loss loss, String output) {
    Optional<Node> last = graph.producer(output);
    boolean probabilities =
        loss == Loss.SOFTMAX_CROSS_ENTROPY
            && last.isPresent()
            && last.get().isStandard()
            && (last.get().op().equals("Softmax") || last.get().op().equals("LogSoftmax"));
    return probabilities ? last.get().proto().getInput(0) : output;
  }

  /** Adds the data term's nodes and gives its gradient; returns the data term's name. */
  String add() {
    return loss == Loss.SOFTMAX_CROSS_ENTROPY ? crossEntropy() : squaredError();
  }

  private String crossEntropy() {
    List<Long> shape = shape();
    boolean trailingOnes =
        shape.size() >= 2 && shape.subList(2, shape.size()).stream().allMatch(d -> d == 1);
    if (!trailingOnes || shape.get(1) < 1) {
      throw failure("has shape " + shape + ", cross-entropy needs [N,classes]");
    }
    step.addInput(Values.tensor(step.reserve(loss.truth()), ElementType.INT64, shape.get(0)));
    String logits = shape.size() == 2 ? judged : op("Reshape", judged, classes(shape));
    String log = op("LogSoftmax", List.of(Nodes.integer("axis", 1)), logits);
    String hot =
        op(
            "OneHot",
            List.of(Nodes.integer("axis", -1)),
            loss.truth(),
            step.int64(shape.get(1)),
            step.floats(new float[] {0, 1}, 2));
    String records = op("Cast", List.of(Nodes.integer("to", 1)), records());
    String sum = op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), op("Mul", log, hot));
    String mean = op("Neg", op("Div", sum, records));
    String gradient = op("Div", op("Sub", op("Exp", log), hot), records);
    step.give(judged, shape.size() == 2 ? gradient : op("Reshape", gradient, op("Shape", judged)));
    return mean;
  }

  private String classes(List<Long> shape) {
    return step.int64s(-1, shape.get(1));
  }

  /** Number of records, a scalar. */
  private String records() {
    String shape =
        op("Shape", List.of(Nodes.integer("start", 0), Nodes.integer("end", 1)), loss.truth());
    return op("Squeeze", shape);
  }

  private String squaredError() {
    List<Long> shape = shape();
    step.addInput(
        Values.tensor(
            step.reserve(loss.truth()),
            ElementType.FLOAT,
            shape.stream().mapToLong(Long::longValue).toArray()));
    String difference = op("Sub", judged, loss.truth());
    String size = op("Cast", List.of(Nodes.integer("to", 1)), op("Size", judged));
    String squares = op("Mul", difference, difference);
    String sum = op("ReduceSum", List.of(Nodes.integer("keepdims", 0)), squares);
    step.give(judged, op("Div", op("Mul", difference, step.scalar(2)), size));
    return op("Div", sum, size);
  }

  private List<Long> shape() {
    return step.shape(judged).orElseThrow(() -> failure("has a shape that only a run tells"));
  }

  private RewriteException failure(String what) {
    return new RewriteException(
        "model "
            + step.forward().name()
            + ": '"
            + judged
            + "', which the loss judges, "
            + what
            + ": export the model with such an output");
  }

  private String op(String type, String... inputs) {
    return op(type, List.of(), inputs);
  }

  private String op(String type, List<AttributeProto> attributes, String... inputs) {
    return step.ops(Gradients.LOSS + "/" + type, type, 1, attributes, inputs).get(0);
  }
}
