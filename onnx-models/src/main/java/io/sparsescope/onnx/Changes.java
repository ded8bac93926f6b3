package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What an edit has collected. */
final class Changes {
  /** Nodes of the main graph that replace the one of the same place. */
  final Map<Integer, NodeProto> edited = new HashMap<>();

  /** New nodes behind the one of a place. */
  final Map<Integer, List<NodeProto>> behind = new HashMap<>();

  final List<NodeProto> first = new ArrayList<>();
  final List<NodeProto> last = new ArrayList<>();
  final List<TensorProto> initializers = new ArrayList<>();
  final List<ValueInfoProto> inputs = new ArrayList<>();
  final List<ValueInfoProto> outputs = new ArrayList<>();

  /** What gives, for each writing anew, what changes the chunks. */
  final Map<InitializerEntry, Supplier<Consumer<ByteBuffer>>> mapped = new IdentityHashMap<>();

  final Map<String, String> metadata = new LinkedHashMap<>();

  /** Versions by domain, of domains that the model does not import. */
  final Map<String, Integer> opsets = new LinkedHashMap<>();

  boolean isEmpty() {
    return metadata.isEmpty() && opsets.isEmpty() && keepsGraph();
  }

  /** Whether all that is there stays as it is, and no metadata is added, whose keys are unique. */
  boolean onlyAdd() {
    return edited.isEmpty() && mapped.isEmpty() && metadata.isEmpty();
  }

  boolean keepsGraph() {
    return edited.isEmpty()
        && behind.isEmpty()
        && first.isEmpty()
        && last.isEmpty()
        && initializers.isEmpty()
        && inputs.isEmpty()
        && outputs.isEmpty()
        && mapped.isEmpty();
  }
}
