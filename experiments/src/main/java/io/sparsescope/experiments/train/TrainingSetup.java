package io.sparsescope.experiments.train;

import io.sparsescope.experiments.data.RecordSet;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.gradient.Gradients;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is trained on what.
 *
 * <p>Closing it closes the model.
 *
 * @param net what the series calls the model
 * @param model the inference model whose values training begins with
 * @param gradients what came of differentiating it
 * @param sparse what is done to the gradients
 * @param data the records to learn from
 * @param test the records that accuracy is measured on; empty for no accuracy
 * @param options how it goes
 * @param checkpoint where the state is kept; empty to keep none
 * @param resume whether to go on from a checkpoint that is there
 */
public record TrainingSetup(
    String net,
    ModelFile model,
    Gradients gradients,
    SparseGradients sparse,
    RecordSet data,
    Optional<RecordSet> test,
    TrainOptions options,
    Optional<Path> checkpoint,
    boolean resume)
    implements AutoCloseable {

  @Override
  public void close() {
    model.close();
  }

  /** A training that leaves gradients as they are. */
  public TrainingSetup(
      String net,
      ModelFile model,
      Gradients gradients,
      RecordSet data,
      Optional<RecordSet> test,
      TrainOptions options,
      Optional<Path> checkpoint,
      boolean resume) {
    this(net, model, gradients, SparseGradients.NONE, data, test, options, checkpoint, resume);
  }

  /** The same with something done to the gradients. */
  public TrainingSetup with(SparseGradients other) {
    return new TrainingSetup(net, model, gradients, other, data, test, options, checkpoint, resume);
  }

  /** The same with its state kept in another file, gone on with if there is one. */
  public TrainingSetup resuming(Path other) {
    return new TrainingSetup(
        net, model, gradients, sparse, data, test, options, Optional.of(other), true);
  }

  /** Records in a step. */
  int batch() {
    return data.fixedBatch() > 0 ? data.fixedBatch() : options.batch();
  }

  /** Number of steps in all. */
  public long steps() {
    return options.steps(data.size(), batch());
  }

  /** What the values after a number of steps depend on, by the names of options. */
  public Map<String, String> identity() {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("model", model.sha256());
    identity.put("--data", data.size() + " records, checksum " + Long.toHexString(data.checksum()));
    identity.put("preparation of the data", data.preparation());
    identity.put("--batch", Integer.toString(batch()));
    identity.put("--loss", gradients.objective().loss().name());
    identity.put("--l1", Double.toString(gradients.objective().l1()));
    identity.put("--l2", Double.toString(gradients.objective().l2()));
    identity.put("--optimizer", options.optimizer().text());
    identity.put("--lr", options.schedule().text());
    if (options.schedule().needsTotal()) {
      identity.put("number of steps", Long.toString(steps()));
    }
    identity.putAll(sparse.identity());
    identity.put("--seed", Long.toString(options.seed()));
    identity.put("--augment", options.augmentation().text());
    return identity;
  }
}
