package io.sparsescope.rewriter.gradient;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Initializer;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.ShapeInference;
import io.sparsescope.onnx.TensorType;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.Values;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.RewriteException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes of an inference model one in memory, of opset 18 or newer, in which parameters and
 * statistics are inputs and every other initializer is a constant with its values.
 */
final class ForwardModel {
  /** The ir_version that came with opset 18. */
  static final int IR_VERSION = 8;

  private final ModelFile model;
  private final Map<String, Initializer> fed = new HashMap<>();
  private final Map<Integer, List<Statistic>> statistics;

  private ForwardModel(
      ModelFile model, List<Parameter> parameters, Map<Integer, List<Statistic>> statistics) {
    this.model = model;
    this.statistics = statistics;
    parameters.forEach(p -> fed.put(p.name(), p.initializer()));
    statistics.values().forEach(l -> l.forEach(s -> fed.put(s.name(), s.initializer())));
  }

  /**
   * @param statistics running mean and variance by the index of the BatchNormalization
   */
  static ModelProto of(
      ModelFile model, List<Parameter> parameters, Map<Integer, List<Statistic>> statistics) {
    return new ForwardModel(model, parameters, statistics).build();
  }

  private ModelProto build() {
    OpsetUpgrade upgrade = new OpsetUpgrade(model);
    GraphProto.Builder graph = GraphProto.newBuilder().setName(model.graph().name());
    for (Node node : model.graph().nodes()) {
      graph.addAllNode(upgrade.upgrade(node, withStatistics(node, whole(node))));
    }
    addInputs(graph);
    addInitializers(graph);
    graph.addAllInitializer(upgrade.constants());
    graph.addAllOutput(model.graph().outputs());
    graph.addAllValueInfo(shapes());
    ModelProto.Builder proto =
        ModelProto.newBuilder()
            .setIrVersion(Math.max(IR_VERSION, model.header().getIrVersion()))
            .setProducerName("sparsescope");
    for (OperatorSetIdProto opset : model.header().getOpsetImportList()) {
      boolean standard = opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx");
      proto.addOpsetImport(
          standard ? opset.toBuilder().setVersion(upgrade.result()).build() : opset);
    }
    return proto.setGraph(graph).build();
  }

  private NodeProto whole(Node node) {
    List<NodeProto> whole = new ArrayList<>();
    new ModelEdit(model)
        .editNode(
            node,
            n -> {
              whole.add(n);
              return n;
            });
    return whole.get(0);
  }

  /** A BatchNormalization that trains reads its statistics directly. */
  private NodeProto withStatistics(Node node, NodeProto whole) {
    List<Statistic> both = statistics.get(node.index());
    return both == null
        ? whole
        : whole.toBuilder().setInput(3, both.get(0).name()).setInput(4, both.get(1).name()).build();
  }

  private void addInputs(GraphProto.Builder graph) {
    Set<String> initializers = model.graph().initializers().keySet();
    for (ValueInfoProto input : model.graph().inputs()) {
      if (!initializers.contains(input.getName())) {
        graph.addInput(input);
      }
    }
    for (String name : initializers) {
      if (fed.containsKey(name)) {
        graph.addInput(
            Values.tensor(name, ElementType.FLOAT, dims(model.graph().initializers().get(name))));
      }
    }
  }

  private void addInitializers(GraphProto.Builder graph) {
    Set<String> used = new HashSet<>();
    graph.getNodeList().forEach(n -> used.addAll(n.getInputList()));
    boolean inner = model.graph().allNodes().size() > model.graph().nodes().size();
    for (Initializer initializer : model.graph().initializers().values()) {
      boolean needed =
          inner || used.contains(initializer.name()) || model.graph().isOutput(initializer.name());
      if (needed && !fed.containsKey(initializer.name())) {
        graph.addInitializer(stored(initializer));
      }
    }
  }

  private TensorProto stored(Initializer initializer) {
    if (initializer.type() == ElementType.STRING) {
      throw new RewriteException(
          "model "
              + model.name()
              + ": initializer '"
              + initializer.name()
              + "' holds strings, which cannot be carried into a step graph: take its node out");
    }
    List<ByteString> chunks = new ArrayList<>();
    model.data(initializer).forEachChunk(chunk -> chunks.add(ByteString.copyFrom(chunk)));
    return Tensors.of(initializer.name(), initializer.type(), dims(initializer))
        .setRawData(ByteString.copyFrom(chunks))
        .build();
  }

  private static long[] dims(Initializer initializer) {
    return initializer.dims().stream().mapToLong(Long::longValue).toArray();
  }

  /** What was known of shapes stays known, whatever the nodes became. */
  private List<ValueInfoProto> shapes() {
    List<ValueInfoProto> infos = new ArrayList<>();
    Map<String, List<Long>> known = ShapeInference.infer(model);
    for (Node node : model.graph().nodes()) {
      for (String output : node.proto().getOutputList()) {
        List<Long> dims = known.get(output);
        ElementType type =
            model.graph().type(output).map(TensorType::element).orElse(ElementType.UNDEFINED);
        if (dims != null && type != ElementType.UNDEFINED && !model.graph().isOutput(output)) {
          infos.add(
              Values.tensor(output, type, dims.stream().mapToLong(Long::longValue).toArray()));
        }
      }
    }
    return infos;
  }
}
