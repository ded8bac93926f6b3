package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.experiments.data.Layout;
import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.zoo.ImageShape;
import io.sparsescope.onnx.zoo.Zoo;
import io.sparsescope.rewriter.gradient.Differentiator;
import io.sparsescope.rewriter.gradient.GradientRules;
import io.sparsescope.rewriter.gradient.Objective;
import io.sparsescope.rewriter.match.Pattern;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A training as it is asked for on a command line.
 *
 * @param net a model file, or the name of a net of the {@link Zoo}, which is made for the data and
 *     initialized by the seed
 * @param data what to learn from, in the form of {@link DataSpec}; of data that has a training and
 *     a test set the training set, unless it ends in {@code #test}
 * @param test what accuracy is measured on; if empty, the test set of the same data, if that has
 *     one
 * @param preparation how stored values become inputs
 * @param limit records to learn from at most; empty for all
 * @param classes number of classes of a net of the zoo; if empty, those of the data
 * @param objective what is to become small
 * @param trainable patterns of the parameters that train; empty for all
 * @param options how it goes
 * @param checkpoint where the state is kept; empty to keep none
 * @param resume whether to go on from a checkpoint that is there
 */
public record TrainingRequest(
    String net,
    String data,
    Optional<String> test,
    DataOptions preparation,
    OptionalLong limit,
    OptionalInt classes,
    Objective objective,
    List<String> trainable,
    TrainOptions options,
    Optional<Path> checkpoint,
    boolean resume) {

  private static final long ANY = InputSpec.ANY;

  /** From how many records in a step on they lie innermost. */
  private static final int LARGE_BATCH = 16;

  /**
   * Opens and reads all that is needed, and differentiates the model.
   *
   * @throws ExperimentException if model or data cannot be read or do not fit each other
   * @throws io.sparsescope.rewriter.RewriteException if the model cannot be differentiated
   * @throws io.sparsescope.onnx.OnnxException if there is no such model
   */
  public TrainingSetup prepare() {
    DataSpec spec = DataSpec.parse(data);
    DataSpec training = data.endsWith("#test") ? spec : spec.split(true);
    Optional<DataSpec> testing = testing(spec, training);
    return isFile() ? ofFile(training, testing) : ofZoo(training, testing);
  }

  private Optional<DataSpec> testing(DataSpec spec, DataSpec training) {
    if (test.isPresent()) {
      return Optional.of(DataSpec.parse(test.get()));
    }
    return training.train() ? Optional.of(spec.split(false)) : Optional.empty();
  }

  private boolean isFile() {
    return net.endsWith(".onnx") || Files.exists(Path.of(net));
  }

  private TrainingSetup ofFile(DataSpec training, Optional<DataSpec> testing) {
    ModelFile model = ModelFile.open(Path.of(net));
    try {
      List<InputSpec> inputs = InputSpec.of(model);
      return setup(model, training.readAll(inputs, preparation, limit), testing);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private TrainingSetup ofZoo(DataSpec training, Optional<DataSpec> testing) {
    Zoo zoo = Zoo.named(net);
    if (preparation.layout() != Layout.NCHW) {
      throw new ExperimentException(zoo.label() + ": takes its channels first; leave out --layout");
    }
    List<Long> open = List.of(ANY, ANY, ANY, ANY);
    InputSpec input = new InputSpec("x", ElementType.FLOAT, Optional.of(open));
    RecordSet records = training.readAll(List.of(input), preparation, limit);
    List<Long> dims = records.shape(1);
    ImageShape image =
        new ImageShape(dims.get(1).intValue(), dims.get(2).intValue(), dims.get(3).intValue());
    int number = classes.orElseGet(() -> classes(training, records));
    byte[] bytes = zoo.build(image, number, options.seed()).toBytes();
    return setup(ModelFile.of(zoo.label(), bytes), records, testing);
  }

  private static int classes(DataSpec spec, RecordSet records) {
    return switch (spec.kind()) {
      case CIFAR10 -> 10;
      case CIFAR100 -> 100;
      default -> records.highestLabel() + 1;
    };
  }

  private TrainingSetup setup(ModelFile model, RecordSet records, Optional<DataSpec> testing) {
    Optional<RecordSet> tested =
        testing.map(spec -> spec.readAll(InputSpec.of(model), preparation, OptionalLong.empty()));
    List<Pattern> patterns = trainable.stream().map(Pattern::parse).toList();
    Differentiator differentiator =
        new Differentiator(objective, patterns, GradientRules.standard());
    int batch = records.fixedBatch() > 0 ? records.fixedBatch() : options.batch();
    return new TrainingSetup(
        model.name(),
        model,
        (batch < LARGE_BATCH ? differentiator : differentiator.batchInnermost())
            .differentiate(model),
        records,
        tested,
        options,
        checkpoint,
        resume);
  }
}
