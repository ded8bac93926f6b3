package io.sparsescope.rewriter.gradient.update;

import java.util.List;
import java.util.Map;

/** A way from a gradient to the next value of its parameter. */
public sealed interface Optimizer permits Sgd, Adam {
  /** The input with the learning rate of a step, for Adam with its correction for the bias. */
  String LEARNING_RATE = "learning-rate";

  /**
   * Reads {@code sgd}, {@code momentum[:M]}, {@code nesterov[:M]} or {@code
   * adam[:B1,B2[,EPSILON]]}.
   *
   * @throws io.sparsescope.rewriter.RewriteException saying what is wrong with the text
   */
  static Optimizer parse(String text) {
    return OptimizerText.parse(text);
  }

  /** What {@link #parse} makes the same of. */
  String text();

  /**
   * What it remembers of a parameter, all zero before the first step: ends of the inputs' names.
   */
  List<String> memory();

  /**
   * The scalar inputs of a step: they alone depend on its number, so that a run that goes on behind
   * an interruption is fed the same.
   *
   * @param step number of the step, from 1
   * @param rate the learning rate that the schedule gives
   */
  Map<String, Float> scalars(long step, double rate);

  /**
   * Makes the nodes of one parameter's update.
   *
   * @param nodes takes them
   */
  void emit(UpdateNodes nodes);
}
