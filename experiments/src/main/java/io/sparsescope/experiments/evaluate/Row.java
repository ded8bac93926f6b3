package io.sparsescope.experiments.evaluate;

/**
 * One record's values of the judged output. The arrays are not copied; nobody writes to them.
 *
 * @param output the values, flattened in row-major order
 * @param label class of the record, -1 where it has none
 * @param dense the dense model's own values, in the same order; empty where no metric needs them
 */
@SuppressWarnings("ArrayRecordComponent") // Millions of rows are judged: no copies, no boxes.
public record Row(float[] output, int label, float[] dense) {}
