package io.sparsescope.experiments.train;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.data.RecordSet;

/** Whether data says of each record what a model is to say of it. */
final class Labels {
  private Labels() {}

  /**
   * @param output the model's output, for the message
   * @param classes how many it tells apart
   * @throws ExperimentException naming the first record without a label, or with one beyond the
   *     classes
   */
  static void require(RecordSet data, String output, int classes) {
    for (int r = 0; r < data.size(); r++) {
      int label = data.label(r);
      if (label < 0) {
        throw new ExperimentException(
            data.describe(r) + " has no label; training needs one a record");
      }
      if (label >= classes) {
        throw new ExperimentException(
            data.describe(r)
                + " has label "
                + label
                + ", but the model's output "
                + output
                + " has "
                + classes
                + " classes, 0 to "
                + (classes - 1)
                + "; choose other data, or a model of more classes");
      }
    }
  }
}
