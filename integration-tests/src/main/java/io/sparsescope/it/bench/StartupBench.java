package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Cleanup;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What the agent adds to the start of a JVM and to the creation of a session: the same program in
 * child JVMs, without and with the agent, in turn. Options: {@code --pairs N}, {@code --quick}
 * (without ResNet-50).
 */
public final class StartupBench {
  private static final List<String> TIMES =
      List.of("environment", "first session", "later session", "processor time", "whole JVM");

  private StartupBench() {}

  public static void main(String[] args) throws IOException {
    Arguments arguments = Arguments.parseOrExit(args, List.of("pairs", "quick"));
    int pairs = arguments.number("pairs", 15);
    Path folder = Files.createTempDirectory(Repository.target("bench"), "startup");
    try {
      compare("a program without ONNX Runtime", List.of(), "out=none", pairs);
      Path tiny = folder.resolve("tiny.onnx");
      Files.write(tiny, tiny());
      compare("a tiny model that nothing matches", List.of(tiny), "out=none,models=none", pairs);
      compare("a tiny model with a tap", List.of(tiny), "out=none,tap=op:Relu", pairs);
      if (!arguments.flag("quick")) {
        Path resnet50 = folder.resolve("resnet50.onnx");
        BenchModels.resnet50(resnet50, false);
        compare(
            "ResNet-50 (102 MB) that nothing matches",
            List.of(resnet50),
            "out=none,models=none",
            pairs);
        compare("ResNet-50 with 49 taps", List.of(resnet50), "out=none,tap=op:Relu", pairs);
      }
    } finally {
      Cleanup.deleteTree(folder);
    }
  }

  private static void compare(String title, List<Path> model, String options, int pairs) {
    double[][] without = new double[TIMES.size()][pairs];
    double[][] with = new double[TIMES.size()][pairs];
    // The first of each warms the page cache.
    for (int i = -1; i < pairs; i++) {
      double[] plain = seconds(program(model));
      double[] observed = seconds(program(model).agent(Repository.agentJar(), options));
      for (int k = 0; k < TIMES.size() && i >= 0; k++) {
        without[k][i] = plain[k];
        with[k][i] = observed[k];
      }
    }
    System.out.printf("%n%s, %d pairs; seconds%n", title, pairs);
    for (int k = 0; k < TIMES.size(); k++) {
      if (Arrays.stream(without[k]).sum() > 0) {
        print(TIMES.get(k), without[k], with[k]);
      }
    }
  }

  private static void print(String time, double[] without, double[] with) {
    double[] added = new double[with.length];
    for (int i = 0; i < added.length; i++) {
      added[i] = with[i] - without[i];
    }
    System.out.printf(
        "  %-15s %s, with the agent %s; added %s, ratio %s%n",
        time,
        Quartiles.of(without).format(3),
        Quartiles.of(with).format(3),
        Quartiles.of(added).format(3),
        Quartiles.ofRatios(with, without).format(3));
  }

  private static ChildJvm program(List<Path> model) {
    return ChildJvm.of(Jdk.current(), StartupProgram.class.getName())
        .classPath(BlockProgram.classPath())
        .arguments(model.stream().map(Path::toString).toArray(String[]::new))
        .limit(Duration.ofMinutes(5));
  }

  private static double[] seconds(ChildJvm program) {
    ChildJvm.Result result = program.run().orThrow();
    double[] printed =
        Arrays.stream(result.out().strip().split(" ", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    double[] all = Arrays.copyOf(printed, printed.length + 1);
    all[printed.length] = result.wall().toNanos() / 1e9;
    return all;
  }

  /** A model of one layer, MatMul and Relu, of 16 x 16 weights. */
  private static byte[] tiny() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
        .setGraph(
            GraphProto.newBuilder()
                .setName("tiny")
                .addInput(BenchModels.value("x", List.of(1L, 16L)))
                .addInitializer(BenchModels.tensor("w", List.of(16L, 16L), 1))
                .addNode(BenchModels.node("MatMul", "h", "x", "w"))
                .addNode(BenchModels.node("Relu", "y", "h"))
                .addOutput(BenchModels.value("y", List.of(1L, 16L))))
        .build()
        .toByteArray();
  }
}
