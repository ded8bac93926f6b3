package io.sparsescope.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the rewriter writes is a model by the judgement of ONNX's own checker, shapes included. */
class CheckerIT {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  /** ONNX 1.12, which Debian has, knows opset 17. */
  private static final int[] OPSETS = {9, 11, 13, 14, 17};

  private static final List<String> TRANSFORMS =
      List.of(
          "sparse,0.1",
          "nearest,16,8",
          "zero,8,4",
          "down,8,4",
          "stochastic,8,4",
          "logarithmic",
          "half",
          "binary,1",
          "ternary,1,0.5",
          "ternary,1",
          "topk,3",
          "topk,0.5",
          "nm,2,4",
          "none");

  private static final String CHECK =
      """
      import glob, sys, onnx
      good = 0
      for path in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
          try:
              onnx.checker.check_model(onnx.load(path), full_check=True)
              good += 1
          except Exception as e:
              print(path.rsplit("/", 1)[1], str(e).replace("\\n", " "))
      print(good)
      """;

  @TempDir Path folder;

  @Test
  void everyTransformAtEveryPlaceInEveryOpsetIsSound() throws Exception {
    assumeTrue(
        Files.isExecutable(PYTHON) && python("import onnx", "").isEmpty(), "no python3-onnx");
    int written = 0;
    for (int opset : OPSETS) {
      for (ElementType type : List.of(ElementType.FLOAT, ElementType.FLOAT16)) {
        ModelFile model = model(opset, type);
        for (String transform : TRANSFORMS) {
          List<Rule> everywhere = List.of(rule("**", transform));
          List<Rule> layers = List.of(rule("layer:*", transform));
          Rules all =
              new Rules(everywhere, layers, List.of("**"), Map.of())
                  .and(Rules.NONE.withIntrinsic(everywhere));
          Rewrite rewrite = new Rewriter(all, false, true).plan(model);
          // Operators that top-k, N:M and stochastic rounding need came with opset 11.
          boolean old = opset < 11 && transform.matches("(topk|nm|stochastic).*");
          assertThat(rewrite.transformations().size() + rewrite.thresholds().size())
              .as("%s, opset %s", transform, opset)
              .isEqualTo(old ? 0 : 7);
          rewrite.edit().writeTo(folder.resolve(transform + " " + opset + " " + type + ".onnx"));
          written++;
        }
      }
    }
    assertThat(python(CHECK, folder.toString())).isEqualTo(String.valueOf(written));
  }

  private static Rule rule(String match, String transform) {
    return Rule.of(match, transform, false, false, false, false);
  }

  /** Two convolutions and a Gemm: three weights, three activations, and a tensor inside a layer. */
  private static ModelFile model(int opset, ElementType type) {
    return ModelBuilder.model(opset)
        .input("x", type, 2, 3, 8, 8)
        .initializer(weights("w1", type, 4, 3, 3, 3))
        .initializer(weights("w2", type, 8, 4, 1, 1))
        .initializer(weights("w3", type, 288, 5))
        .initializer(weights("b3", type, 5))
        .node("Conv", List.of("x", "w1"), List.of("c1"), "conv1")
        .node("Relu", List.of("c1"), List.of("r1"), "relu1")
        .node("Conv", List.of("r1", "w2"), List.of("c2"), "conv2")
        .node("Flatten", List.of("c2"), List.of("f"), "flatten", Nodes.integer("axis", 1))
        .node("Gemm", List.of("f", "w3", "b3"), List.of("y"), "fc")
        .output("y", type, 2, 5)
        .toModel("model");
  }

  private static TensorProto weights(String name, ElementType type, long... dims) {
    int elements = 1;
    for (long d : dims) {
      elements *= (int) d;
    }
    byte[] bytes = new byte[elements * (type == ElementType.FLOAT ? 4 : 2)];
    new Random(elements).nextBytes(bytes);
    return Tensors.raw(name, type, bytes, dims);
  }

  private String python(String program, String argument) throws Exception {
    Path output = Files.createTempFile("checker", ".txt");
    try {
      Process process =
          new ProcessBuilder(PYTHON.toString(), "-c", program, argument)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(5, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
      return Files.readString(output).strip();
    } finally {
      Files.delete(output);
    }
  }
}
