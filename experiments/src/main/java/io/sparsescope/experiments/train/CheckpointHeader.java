package io.sparsescope.experiments.train;

import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint holds besides the values.
 *
 * @param identity what the values depend on, by the names of options
 * @param step number of steps done; the place in the data's order, dropout's masks and the learning
 *     rate follow from it
 * @param loss of the last of them
 * @param series what was seen so far
 * @param state the tensors whose values follow, in their order
 */
record CheckpointHeader(
    Map<String, String> identity,
    long step,
    float loss,
    TrainingSeries series,
    List<StateSlot> state) {}
