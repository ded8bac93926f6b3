package io.sparsescope.rewriter.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ModelProto;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A model, and what its step graph, run by ONNX Runtime in float32, says of its loss and gradients,
 * beside what the judge says in float64.
 */
final class GradientTrial {
  private final ModelProto model;
  private final Gradients gradients;
  private final DoubleGraph judge;
  private final Map<String, DoubleTensor> feeds;
  private final Map<String, DoubleTensor> outputs;
  private final Map<String, DoubleTensor> innermost;

  /**
   * @param feeds values of the model's inputs; masks are drawn
   * @param labels what cross-entropy compares with; null to compare with random targets
   */
  GradientTrial(
      ModelProto model, Map<String, DoubleTensor> feeds, DoubleTensor labels, Random random) {
    this.model = model;
    Loss loss = labels == null ? Loss.MEAN_SQUARED_ERROR : Loss.SOFTMAX_CROSS_ENTROPY;
    Differentiator differentiator = new Differentiator(Objective.of(loss));
    ModelFile file = ModelFile.of("trial", model.toByteArray());
    gradients = differentiator.differentiate(file);
    judge = DoubleGraph.training(model);
    this.feeds = new LinkedHashMap<>(feeds);
    for (Parameter p : gradients.parameters()) {
      this.feeds.put(p.name(), judge.initializer(p.name()));
    }
    for (Statistic s : gradients.statistics()) {
      this.feeds.put(s.name(), judge.initializer(s.name()));
    }
    gradients.masks().forEach(mask -> this.feeds.put(mask.name(), drawn(mask, random)));
    this.feeds.put(loss.truth(), labels == null ? targets(random) : labels);
    outputs = DoubleRuns.run(gradients.model(), this.feeds);
    innermost =
        DoubleRuns.run(differentiator.batchInnermost().differentiate(file).model(), this.feeds);
  }

  private DoubleTensor drawn(Mask mask, Random random) {
    int batch = feeds.values().iterator().next().shape()[0];
    int[] shape = mask.dims().stream().mapToInt(d -> d < 0 ? batch : (int) (long) d).toArray();
    double kept = (float) (1 / (1 - mask.ratio()));
    return DoubleTensor.zeros(shape).map(zero -> random.nextFloat() < mask.ratio() ? 0 : kept);
  }

  /** 0.5 to 2 below what the model says: nearer ones would cost float32 digits by cancellation. */
  private DoubleTensor targets(Random random) {
    DoubleTensor output = judge.run(feeds).get(gradients.output());
    DoubleTensor distances = DoubleTensor.random(random, 0.5, 2, output.shape());
    return output.zip(distances, (y, d) -> (float) (y - d));
  }

  Gradients gradients() {
    return gradients;
  }

  /** All tensors of the forward pass as the judge has them. */
  Map<String, DoubleTensor> judged() {
    return judge.run(feeds);
  }

  /** What the step graph put out. */
  Map<String, DoubleTensor> outputs() {
    return outputs;
  }

  /** The judge's loss, given values of all tensors. */
  private double loss(Map<String, DoubleTensor> tensors) {
    DoubleTensor output = tensors.get(gradients.output());
    DoubleTensor truth = feeds.get(gradients.truth());
    return truth.integral()
        ? CentralDifferences.crossEntropy(output, truth)
        : CentralDifferences.meanSquaredError(output, truth);
  }

  /**
   * Relative errors of the loss and of each parameter's gradient, by name: the largest distance as
   * a share of the gradient's largest magnitude, of the two layouts of images the worse.
   *
   * @param most how many elements of each gradient are looked at, at most; chosen at random
   * @param least the share of the largest gradient of all, the output's included, that a gradient
   *     counts as at least
   */
  Map<String, Double> errors(int most, double least, Random random) {
    Map<String, DoubleTensor> expected = new LinkedHashMap<>();
    Map<String, int[]> looked = new LinkedHashMap<>();
    for (Parameter p : gradients.parameters()) {
      DoubleTensor all = outputs.get(p.gradient());
      assertThat(all.shape()).as(p.name()).isEqualTo(feeds.get(p.name()).shape());
      int[] places =
          all.size() <= most
              ? IntStream.range(0, all.size()).toArray()
              : random.ints(most, 0, all.size()).toArray();
      double[] slopes = CentralDifferences.slopes(judge, feeds, p.name(), this::loss, places);
      expected.put(p.name(), DoubleTensor.of(slopes, places.length));
      looked.put(p.gradient(), places);
    }
    double largest =
        Stream.concat(Stream.of(outputGradient()), expected.values().stream())
            .mapToDouble(DoubleTensor::largest)
            .max()
            .orElseThrow();
    Map<String, Double> errors = new LinkedHashMap<>();
    DoubleTensor loss = DoubleTensor.scalar(loss(judge.run(feeds)));
    for (Map<String, DoubleTensor> actual : List.of(outputs, innermost)) {
      errors.merge(
          Gradients.LOSS, DoubleRuns.error(loss, actual.get(Gradients.LOSS), 0), Math::max);
      expected.forEach(
          (name, e) -> {
            String gradient = Gradients.gradient(name);
            DoubleTensor values = at(actual.get(gradient), looked.get(gradient));
            errors.merge(name, DoubleRuns.error(e, values, least * largest), Math::max);
          });
    }
    return errors;
  }

  private static DoubleTensor at(DoubleTensor all, int[] places) {
    double[] values = Arrays.stream(places).mapToDouble(i -> all.values()[i]).toArray();
    return DoubleTensor.of(values, places.length);
  }

  private DoubleTensor outputGradient() {
    Map<String, DoubleTensor> tensors = judge.run(feeds);
    DoubleTensor output = tensors.get(gradients.output());
    DoubleTensor truth = feeds.get(gradients.truth());
    return truth.integral()
        ? DoubleTensor.zeros()
        : output.zip(truth, (y, t) -> 2 * (y - t) / output.size());
  }

  /**
   * Says that the loss and all gradients are the judge's, up to a relative error.
   *
   * @param most as {@link #errors} takes it
   * @param least as {@link #errors} takes it: sums that cancel have few digits left in float32
   */
  void assertExact(double tolerance, int most, double least) {
    Map<String, Double> errors = errors(most, least, new Random(0));
    assertThat(errors).as(this::toString).allSatisfy((n, e) -> assertThat(e).isLessThan(tolerance));
  }

  @Override
  public String toString() {
    return model.getGraph().getNodeList().stream()
        .map(n -> n.toString().replaceAll("\\s+", " "))
        .collect(Collectors.joining("\n"));
  }
}
