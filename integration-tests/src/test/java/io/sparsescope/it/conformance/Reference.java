package io.sparsescope.it.conformance;

import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** The same model with tensors as plain outputs, made the simplest way there is. */
final class Reference {
  private Reference() {}

  static void write(Path model, Set<String> tensors, Path out) throws IOException {
    ModelProto.Builder builder = ModelProto.parseFrom(Files.readAllBytes(model)).toBuilder();
    GraphProto.Builder graph = builder.getGraphBuilder();
    Set<String> wanted = new HashSet<>(tensors);
    wanted.removeAll(
        graph.getOutputList().stream().map(ValueInfoProto::getName).collect(Collectors.toSet()));
    for (String tensor : wanted) {
      graph.addOutput(ValueInfoProto.newBuilder().setName(tensor));
    }
    Files.write(out, builder.build().toByteArray());
  }
}
