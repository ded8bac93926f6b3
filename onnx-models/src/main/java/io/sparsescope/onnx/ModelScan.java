package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.List;

/**
 * What a scan finds in a model.
 *
 * @param header the model's fields without graph, functions and training
 * @param fields all fields of the model in file order; several graph fields are one graph
 * @param graphFields all fields of the graph in file order
 * @param graphName the graph's name
 * @param nodes nodes of the main graph, large tensors left out
 * @param nodeRecords where the nodes lie
 * @param inputs inputs of the main graph
 * @param outputs outputs of the main graph
 * @param valueInfos declared types of the main graph
 * @param dense initializers in file order
 * @param sparse sparse initializers in file order
 * @param functions local functions, large tensors left out
 */
record ModelScan(
    ModelProto header,
    List<WireRecord> fields,
    List<WireRecord> graphFields,
    String graphName,
    List<NodeProto> nodes,
    List<WireRecord> nodeRecords,
    List<ValueInfoProto> inputs,
    List<ValueInfoProto> outputs,
    List<ValueInfoProto> valueInfos,
    List<InitializerEntry> dense,
    List<InitializerEntry> sparse,
    List<FunctionProto> functions) {}
