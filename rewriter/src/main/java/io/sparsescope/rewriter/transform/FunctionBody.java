package io.sparsescope.rewriter.transform;

import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.RewriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A function of one tensor, from an ONNX file: either its one local function, or its graph of one
 * input and one output.
 *
 * @param input the tensor that it takes
 * @param output the tensor that it makes
 * @param nodes what lies between
 * @param initializers tensors that the nodes read
 * @param opsets versions by domain, "" for ai.onnx
 * @param type of both tensors; undefined for a function, which declares none
 */
record FunctionBody(
    String input,
    String output,
    List<NodeProto> nodes,
    List<TensorProto> initializers,
    Map<String, Integer> opsets,
    ElementType type) {
  private static final long MOST_BYTES = 64L << 20;

  /**
   * @throws RewriteException naming the file and what to do, if it holds no such function
   */
  static FunctionBody read(Path path) {
    ModelProto model = parse(path);
    GraphProto graph = model.getGraph();
    if (model.getFunctionsCount() == 1 && graph.getNodeCount() == 0) {
      return of(path, model, model.getFunctions(0));
    }
    if (model.getFunctionsCount() > 0) {
      throw new RewriteException(
          path
              + ": holds "
              + model.getFunctionsCount()
              + " functions and a graph of "
              + graph.getNodeCount()
              + " nodes: give it one function and no graph, or a graph and no function");
    }
    return of(path, model, graph);
  }

  private static ModelProto parse(Path path) {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new RewriteException(
            path + ": is larger than 64 MiB: a transform's file is small, give another");
      }
      return ModelProto.parseFrom(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      throw new RewriteException(path + ": no such file: check the transform's path", e);
    } catch (InvalidProtocolBufferException e) {
      throw new RewriteException(path + ": is not an ONNX file: give a model file", e);
    } catch (IOException e) {
      throw new RewriteException(
          path + ": cannot be read (" + e + "): check that it is a readable file", e);
    }
  }

  private static FunctionBody of(Path path, ModelProto model, FunctionProto f) {
    requireOneToOne(path, "function " + f.getName(), f.getInputCount(), f.getOutputCount());
    boolean parameters = f.getAttributeCount() > 0 || f.getAttributeProtoCount() > 0;
    if (parameters || f.getNodeList().stream().anyMatch(FunctionBody::refersToAttribute)) {
      throw new RewriteException(
          path
              + ": function "
              + f.getName()
              + " has attributes, which a rule cannot give it: write them into its nodes");
    }
    List<OperatorSetIdProto> imports =
        f.getOpsetImportCount() > 0 ? f.getOpsetImportList() : model.getOpsetImportList();
    return new FunctionBody(
        f.getInput(0),
        f.getOutput(0),
        f.getNodeList(),
        List.of(),
        versions(imports),
        ElementType.UNDEFINED);
  }

  private static boolean refersToAttribute(NodeProto node) {
    return node.getAttributeList().stream().anyMatch(a -> !a.getRefAttrName().isEmpty());
  }

  private static FunctionBody of(Path path, ModelProto model, GraphProto graph) {
    Set<String> constants = new HashSet<>();
    for (TensorProto t : graph.getInitializerList()) {
      constants.add(t.getName());
      if (t.getExternalDataCount() > 0) {
        throw new RewriteException(
            path
                + ": tensor "
                + t.getName()
                + " lies in another file: save the model with its data inside");
      }
    }
    if (graph.getSparseInitializerCount() > 0) {
      throw new RewriteException(path + ": has sparse initializers: store them dense");
    }
    List<ValueInfoProto> inputs =
        graph.getInputList().stream().filter(i -> !constants.contains(i.getName())).toList();
    requireOneToOne(path, "its graph", inputs.size(), graph.getOutputCount());
    ElementType type = type(inputs.get(0));
    if (type != type(graph.getOutput(0))) {
      throw new RewriteException(
          path
              + ": takes "
              + type.label()
              + " and makes "
              + type(graph.getOutput(0)).label()
              + ": a transform keeps the type");
    }
    return new FunctionBody(
        inputs.get(0).getName(),
        graph.getOutput(0).getName(),
        graph.getNodeList(),
        graph.getInitializerList(),
        versions(model.getOpsetImportList()),
        type);
  }

  private static ElementType type(ValueInfoProto value) {
    return ElementType.of(value.getType().getTensorType().getElemType());
  }

  private static void requireOneToOne(Path path, String what, int inputs, int outputs) {
    if (inputs != 1 || outputs != 1) {
      throw new RewriteException(
          path
              + ": "
              + what
              + " has "
              + inputs
              + " inputs and "
              + outputs
              + " outputs: a transform takes one tensor and makes one");
    }
  }

  private static Map<String, Integer> versions(List<OperatorSetIdProto> imports) {
    Map<String, Integer> versions = new LinkedHashMap<>();
    for (OperatorSetIdProto o : imports) {
      versions.put(o.getDomain().equals("ai.onnx") ? "" : o.getDomain(), (int) o.getVersion());
    }
    return versions;
  }
}
