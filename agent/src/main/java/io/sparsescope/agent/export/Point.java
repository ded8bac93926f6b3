package io.sparsescope.agent.export;

/**
 * The value of one series now.
 *
 * @param value a Long for counts, otherwise a Double
 */
record Point(LabelSet labels, Number value) {}
