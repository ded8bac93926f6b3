package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.onnx.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeInferenceTest {

  /** The suite declares what its outputs are: whatever is inferred without that must agree. */
  @Test
  void neverContradictsTheBackendSuite() {
    List<Path> models = RealModels.backendSuite();
    assumeTrue(!models.isEmpty());
    List<String> wrong = new ArrayList<>();
    int outputs = 0;
    int elements = 0;
    int ranks = 0;
    for (Path path : models) {
      try (ModelFile model = ModelFile.open(path)) {
        Map<String, Known> inferred = inferUndeclared(model);
        for (ValueInfoProto output : model.graph().outputs()) {
          Known declared = Known.of(output);
          Known found = inferred.getOrDefault(output.getName(), Known.NOTHING);
          if (declared.element() == ElementType.UNDEFINED) {
            if (found.element() != ElementType.UNDEFINED) {
              wrong.add(path + " " + output.getName() + ": no tensor, but " + found);
            }
            continue;
          }
          outputs++;
          if (found.element() == declared.element()) {
            elements++;
          } else if (found.element() != ElementType.UNDEFINED) {
            wrong.add(path + " " + output.getName() + ": " + declared + ", but " + found);
          }
          if (found.rank() == declared.rank()) {
            ranks++;
          } else if (found.rank() >= 0 && declared.rank() >= 0) {
            wrong.add(path + " " + output.getName() + ": " + declared + ", but " + found);
          }
        }
      }
    }
    System.out.printf(
        "outputs of the backend suite: %d, element types inferred %d, ranks inferred %d%n",
        outputs, elements, ranks);
    assertThat(wrong).isEmpty();
    assertThat(elements).isGreaterThan(outputs * 9 / 10);
  }

  private static Map<String, Known> inferUndeclared(ModelFile model) {
    ModelScan scan = model.scan();
    ModelScan undeclared =
        new ModelScan(
            scan.header(),
            scan.fields(),
            scan.graphFields(),
            scan.graphName(),
            scan.nodes(),
            scan.nodeRecords(),
            scan.inputs(),
            List.of(),
            List.of(),
            scan.dense(),
            scan.sparse(),
            scan.functions());
    return new TypeInference(model.opset(""), TypeInference.functions(scan.functions()))
        .infer(undeclared);
  }
}
