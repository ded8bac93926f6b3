package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.SubModel;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A part of a model in a session of its own. Its runs may go side by side. */
final class Part implements AutoCloseable {
  private final String model;
  private final OrtSession session;
  private final Set<String> inputs;

  private Part(String model, OrtSession session, Set<String> inputs) {
    this.model = model;
    this.session = session;
    this.inputs = inputs;
  }

  /** A part whose outputs are read and thrown away. */
  static Part open(ModelFile model, SubModel part) {
    return open(model, part, options -> options.setIntraOpNumThreads(1));
  }

  /** A part whose outputs are kept, each in memory that is freed as soon as it is closed. */
  static Part keeping(ModelFile model, SubModel part) {
    return open(
        model,
        part,
        options -> {
          options.setIntraOpNumThreads(1);
          options.setCPUArenaAllocator(false);
        });
  }

  private static Part open(ModelFile model, SubModel part, OrtSessions.Setting setting) {
    return new Part(model.name(), OrtSessions.open(model, part, setting), part.inputs());
  }

  /**
   * Runs the part.
   *
   * @param tensors what it reads, and maybe more
   */
  OrtSession.Result run(Map<String, OnnxTensor> tensors) {
    Map<String, OnnxTensor> feed = new HashMap<>(tensors);
    feed.keySet().retainAll(inputs);
    try {
      return session.run(feed);
    } catch (OrtException e) {
      throw new ExperimentException(
          model + ": a run fails (" + OrtSessions.oneLine(e) + "); check that the data fits", e);
    }
  }

  /** Runs the part and hands over its outputs, all tensors, which the caller closes. */
  Map<String, OnnxTensor> tensors(Map<String, OnnxTensor> feed) {
    Map<String, OnnxTensor> tensors = new HashMap<>();
    for (Map.Entry<String, OnnxValue> output : run(feed)) {
      tensors.put(output.getKey(), (OnnxTensor) output.getValue());
    }
    return tensors;
  }

  /**
   * The outputs as inputs of the next part, with the shapes that ONNX Runtime has inferred; empty
   * if one is no tensor.
   */
  Optional<Map<String, ValueInfoProto>> types() {
    Map<String, ValueInfoProto> types = new LinkedHashMap<>();
    try {
      for (var output : session.getOutputInfo().entrySet()) {
        if (!(output.getValue().getInfo() instanceof TensorInfo info)
            || OrtSessions.elementType(info) == ElementType.UNDEFINED) {
          return Optional.empty();
        }
        types.put(output.getKey(), declaration(output.getKey(), info));
      }
      return Optional.of(types);
    } catch (OrtException e) {
      throw new ExperimentException(
          model + ": ONNX Runtime does not tell its outputs (" + OrtSessions.oneLine(e) + ")", e);
    }
  }

  private static ValueInfoProto declaration(String name, TensorInfo info) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(OrtSessions.elementType(info).number());
    long[] shape = info.getShape();
    // No dimensions may mean a scalar, or that not even their number is known.
    if (shape.length > 0) {
      TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
      for (int i = 0; i < shape.length; i++) {
        TensorShapeProto.Dimension.Builder dim = dims.addDimBuilder();
        if (shape[i] >= 0) {
          dim.setDimValue(shape[i]);
        } else if (!info.getDimensionNames()[i].isEmpty()) {
          dim.setDimParam(info.getDimensionNames()[i]);
        }
      }
      tensor.setShape(dims);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  @Override
  public void close() {
    OrtSessions.close(model, session);
  }
}
