package io.sparsescope.rewriter.gradient;

/** Puts an operator, with random shapes and attributes, into a model; returns its output. */
interface Trial {
  String build(TrialModel m);
}
