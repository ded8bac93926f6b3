package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelEditTest {

  static ModelBuilder small(int irVersion, int opset) {
    return ModelBuilder.model(opset)
        .irVersion(irVersion)
        .input("x", ElementType.FLOAT, 1, 4)
        .initializer("w", new float[] {1, -2, 3, -4}, 4)
        .node("Mul", List.of("x", "w"), List.of("m"), "mul")
        .node("Relu", List.of("m"), List.of("y"), "relu")
        .output("y", ElementType.FLOAT, 1, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 7, 8, 10})
  void editsRunInOnnxRuntime(int irVersion) throws OrtException {
    ModelFile model = small(irVersion, 9).toModel("small");
    ModelEdit edit = new ModelEdit(model);
    Node mul = model.graph().nodes().get(0);
    edit.editNode(mul, node -> node.toBuilder().setOutput(0, "before").build());
    edit.insertAfter(
        mul, List.of(Nodes.node("Add", List.of("before", "one"), List.of("m"), "add")));
    edit.addInitializer(Tensors.floats("one", new float[] {1}));
    edit.addOutput(Values.tensor("before", ElementType.FLOAT, 1, 4));
    edit.mapInitializer(
        model.graph().initializers().get("w"), chunk -> chunk.putFloat(4, chunk.getFloat(4) * 10));
    edit.putMetadata("made", "here");
    edit.check();

    float[][] outputs = run(edit.toBytes(), new float[] {1, 1, 1, 1});

    assertThat(outputs[0]).containsExactly(2, 0, 4, 0);
    assertThat(outputs[1]).containsExactly(1, -20, 3, -4);
  }

  static float[][] run(byte[] model, float[] input) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model);
        OnnxTensor x = OnnxTensor.createTensor(environment, new float[][] {input});
        OrtSession.Result result = session.run(Map.of("x", x))) {
      float[][] outputs = new float[result.size()][];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = ((float[][]) result.get(i).getValue())[0];
      }
      return outputs;
    }
  }
}
