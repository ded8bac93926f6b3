package io.sparsescope.rewriter.gradient;

import static io.sparsescope.onnx.Nodes.integers;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Convolutions and pools: each of the ways to compute their gradients, and when it is taken. */
class WindowGradientsTest {
  private static final double TOLERANCE = 1e-5;
  private static final int LOOKED_AT = 25;
  private static final double LEAST = 0.05;

  @Property(tries = 60, seed = "1")
  void convolutionsOfAnyWindow(@ForAll long seed) {
    check(LayerTrials.TRIALS.get("Conv"), seed);
  }

  @Property(tries = 40, seed = "1")
  void transposedConvolutionsOfAnyWindow(@ForAll long seed) {
    check(LayerTrials.TRIALS.get("ConvTranspose"), seed);
  }

  @Property(tries = 40, seed = "1")
  void poolsOfAnyWindow(@ForAll long seed) {
    check(LayerTrials.TRIALS.get("MaxPool"), seed);
    check(LayerTrials.TRIALS.get("AveragePool"), seed);
  }

  /** Of stride 1, on high images: the kernel's rows shift dY, its columns X. */
  @Property(tries = 30, seed = "1")
  void convolutionsThatShareTheShifts(@ForAll long seed) {
    Trial trial =
        m -> {
          int channels = 4;
          int maps = m.pick(3, 4);
          int[] kernel = {m.pick(2, 3), m.pick(2, 3)};
          long[] pads = {m.pick(0, 2), m.pick(0, 2), m.pick(0, 2), m.pick(0, 2)};
          DoubleTensor x =
              m.values(new double[0], m.batch(), channels, m.pick(20, 22), m.pick(5, 6));
          return m.node(
              "Conv",
              List.of(integers("pads", pads), integers("dilations", m.pick(1, 2), m.pick(1, 2))),
              m.batched(x),
              m.parameter(m.values(-1, 1, new double[0], maps, channels, kernel[0], kernel[1])));
        };
    GradientTrial run = check(trial, seed);
    assertThat(operators(run.gradients())).filteredOn("Gather"::equals).hasSize(2);
  }

  /** With the batch innermost: by the kernel's rows first, its columns moved along and added. */
  @Property(tries = 30, seed = "1")
  void convolutionsOfFewChannels(@ForAll long seed) {
    TrialModel m = new TrialModel(new Random(seed));
    int channels = m.pick(1, 2);
    long[] pads = {m.pick(0, 1), m.pick(0, 1), m.pick(0, 1), m.pick(0, 1)};
    DoubleTensor x = m.values(new double[0], m.batch(), channels, m.pick(4, 5), m.pick(11, 12));
    DoubleTensor w = m.values(-1, 1, new double[0], 17, channels, m.pick(2, 3), m.pick(2, 3));
    ModelProto model =
        m.build(
            m.node(
                "Conv",
                List.of(integers("pads", pads), integers("dilations", m.pick(1, 2), m.pick(1, 2))),
                m.batched(x),
                m.parameter(w)));
    new GradientTrial(model, m.feeds(), null, m.random()).assertExact(TOLERANCE, LOOKED_AT, LEAST);
    Gradients innermost =
        new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR))
            .batchInnermost()
            .differentiate(ModelFile.of("trial", model.toByteArray()));
    List<NodeProto> nodes = innermost.model().getGraph().getNodeList();
    List<String> convolved =
        nodes.stream().filter(n -> n.getOpType().equals("Conv")).map(n -> n.getOutput(0)).toList();
    assertThat(nodes)
        .filteredOn(n -> n.getOpType().equals("Pad") && convolved.contains(n.getInput(0)))
        .hasSize(w.shape()[3]);
  }

  /** Equal values are frequent; only the first of them counts. */
  @Property(tries = 30, seed = "1")
  void poolsThatCutImagesIntoSquares(@ForAll long seed) {
    Trial trial =
        m -> {
          int side = m.pick(2, 3);
          int[] shape = {m.batch(), m.pick(1, 3), side * m.pick(1, 3), side * m.pick(1, 3)};
          DoubleTensor x = m.distinct(shape);
          for (int i = 0; i < x.size(); i++) {
            x.values()[i] += 1 / 32.0; // Off the kink.
          }
          return m.node(
              "MaxPool",
              List.of(integers("kernel_shape", side, side), integers("strides", side, side)),
              m.node("Relu", m.either(x)));
        };
    GradientTrial run = check(trial, seed);
    assertThat(operators(run.gradients())).doesNotContain("MaxUnpool", "ScatterElements");
  }

  @Test
  void shiftsAreSharedWhereCopiesCostMoreThanProducts() {
    assertThat(operators(conv(64, 64, 5, 16))).filteredOn("Gather"::equals).hasSize(2);
    assertThat(operators(conv(64, 64, 3, 16))).filteredOn("Gather"::equals).hasSize(2);
    assertThat(operators(conv(256, 256, 3, 8))).filteredOn("Gather"::equals).hasSize(2);
    assertThat(operators(conv(16, 64, 3, 16))).filteredOn("Gather"::equals).hasSize(1);
    assertThat(operators(conv(64, 64, 1, 16))).doesNotContain("Gather");
  }

  private static Gradients conv(int channels, int maps, int kernel, int side) {
    int pad = kernel / 2;
    ModelBuilder model =
        ModelBuilder.model(18)
            .input("x", ElementType.FLOAT, -1, channels, side, side)
            .initializer(
                "w", new float[maps * channels * kernel * kernel], maps, channels, kernel, kernel)
            .node(
                "Conv", List.of("x", "w"), List.of("y"), "c", integers("pads", pad, pad, pad, pad))
            .output("y", ElementType.FLOAT, -1, maps, side, side);
    return new Differentiator(Objective.of(Loss.MEAN_SQUARED_ERROR))
        .differentiate(model.toModel("m"));
  }

  private static List<String> operators(Gradients gradients) {
    return gradients.model().getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
  }

  private static GradientTrial check(Trial trial, long seed) {
    TrialModel m = new TrialModel(new Random(seed));
    ModelProto model = m.build(trial.build(m));
    GradientTrial run = new GradientTrial(model, m.feeds(), null, m.random());
    run.assertExact(TOLERANCE, LOOKED_AT, LEAST);
    return run;
  }
}
