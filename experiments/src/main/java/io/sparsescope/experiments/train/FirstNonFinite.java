package io.sparsescope.experiments.train;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds where numbers went wrong: runs a step again with every tensor an output, and names the
 * first in the order of the graph that holds NaN or an infinity.
 */
final class FirstNonFinite {
  private final StepModel step;

  FirstNonFinite(StepModel step) {
    this.step = step;
  }

  /**
   * What was not finite first, in words.
   *
   * @param inputs all that the step was fed
   * @param state as the step found it
   */
  String describe(Map<String, OnnxTensor> inputs, StepState state) {
    Optional<String> before = in(step, state);
    if (before.isPresent()) {
      return "in the step before, " + before.get();
    }
    try {
      ModelProto model = ModelProto.parseFrom(step.edit().toBytes());
      return inputNotFinite(inputs).or(() -> nodeNotFinite(model, inputs)).orElse(NOT_FOUND);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("an edited model is a model", e);
    }
  }

  private static final String NOT_FOUND =
      "run again with all tensors kept, every one of them was finite";

  private Optional<String> inputNotFinite(Map<String, OnnxTensor> inputs) {
    for (ValueInfoProto input : step.model().graph().inputs()) {
      OnnxTensor tensor = inputs.get(input.getName());
      if (tensor != null && !finite(tensor)) {
        return Optional.of("its input " + input.getName() + " was not finite; check the data");
      }
    }
    return Optional.empty();
  }

  private static Optional<String> nodeNotFinite(ModelProto model, Map<String, OnnxTensor> inputs) {
    Map<String, NodeProto> producers = new LinkedHashMap<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      node.getOutputList().stream()
          .filter(output -> !output.isEmpty())
          .forEach(output -> producers.put(output, node));
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      byte[] bytes = withOutputs(model, producers.keySet()).toByteArray();
      try (OrtSession session = OrtEnvironment.getEnvironment().createSession(bytes, options);
          OrtSession.Result result = session.run(inputs, producers.keySet())) {
        for (Map.Entry<String, NodeProto> tensor : producers.entrySet()) {
          OnnxValue value = result.get(tensor.getKey()).orElseThrow();
          if (value instanceof OnnxTensor t && !finite(t)) {
            return Optional.of(words(tensor.getValue(), tensor.getKey()));
          }
        }
      }
      return Optional.empty();
    } catch (OrtException e) {
      return Optional.of("where, cannot be told (" + OrtSessions.oneLine(e) + ")");
    }
  }

  private static String words(NodeProto node, String output) {
    return "the first value that is not finite comes from node "
        + (node.getName().isEmpty() ? output : node.getName())
        + " ("
        + node.getOpType()
        + ", output "
        + output
        + ")";
  }

  private static ModelProto withOutputs(ModelProto model, Set<String> wanted) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    Set<String> there = new HashSet<>();
    graph.getOutputList().forEach(output -> there.add(output.getName()));
    for (String name : wanted) {
      if (there.add(name)) {
        // ONNX Runtime infers types itself.
        graph.addOutput(ValueInfoProto.newBuilder().setName(name));
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  private static boolean finite(OnnxTensor tensor) {
    boolean floats =
        OrtSessions.elementType(tensor.getInfo()) == ElementType.FLOAT
            && tensor.getInfo().getNumElements() > 0;
    return !floats
        || allFinite(tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
  }

  static boolean allFinite(FloatBuffer values) {
    for (int i = values.position(); i < values.limit(); i++) {
      if (!Float.isFinite(values.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The first tensor of a state that is not finite, in words, and the node that made it. */
  static Optional<String> in(StepModel model, StepState state) {
    for (StateSlot slot : state.slots()) {
      if (!allFinite(state.value(slot.input()).asFloatBuffer())) {
        String node =
            model.model().graph().producer(slot.output()).map(Node::name).orElse(slot.output());
        return Optional.of(
            "the first value that is not finite comes from node "
                + node
                + ", which makes "
                + slot.input());
      }
    }
    return Optional.empty();
  }
}
