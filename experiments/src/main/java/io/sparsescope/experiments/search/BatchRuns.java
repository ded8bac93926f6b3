package io.sparsescope.experiments.search;

/** A model that is run over batches of records, in whatever order is wanted. */
interface BatchRuns extends AutoCloseable {

  /** The judged output's values of each record of a batch. Called by several threads at once. */
  float[][] run(int batch);

  @Override
  void close();
}
