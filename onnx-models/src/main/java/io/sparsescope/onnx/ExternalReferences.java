package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Which external data files a model refers to, in initializers, attributes and functions. */
final class ExternalReferences {
  private final ModelFile model;
  private final Set<InitializerEntry> without;

  /** Location to the tensor that names it first, in the words of a message. */
  private final Map<String, String> found = new LinkedHashMap<>();

  private ExternalReferences(ModelFile model, Set<InitializerEntry> without) {
    this.model = model;
    this.without = without;
  }

  /**
   * Locations as they are written in the model, each with the place that names it first.
   *
   * @param without initializers whose own values do not count
   */
  static Map<String, String> of(ModelFile model, Set<InitializerEntry> without) {
    ExternalReferences references = new ExternalReferences(model, without);
    model.scan().dense().forEach(references::take);
    model.scan().sparse().forEach(references::take);
    model.scan().nodes().forEach(references::take);
    model.scan().functions().forEach(f -> f.getNodeList().forEach(references::take));
    return references.found;
  }

  private void take(InitializerEntry entry) {
    if (!without.contains(entry)) {
      take(entry.values());
    }
    if (entry.indices() != null) {
      take(entry.indices());
    }
  }

  private void take(TensorLayout layout) {
    if (layout.isExternal()) {
      String where = model.reader().where(layout);
      found.putIfAbsent(ExternalData.of(layout.external(), where).location(), where);
    }
  }

  private void take(NodeProto node) {
    Subgraphs.forEachTensor(node, tensor -> take(node, tensor));
  }

  private void take(NodeProto node, TensorProto tensor) {
    if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      return;
    }
    String where =
        model.name() + ": a tensor in node '" + Failures.oneLine(Node.nameOf(node)) + "'";
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    found.putIfAbsent(ExternalData.of(entries, where).location(), where);
  }
}
