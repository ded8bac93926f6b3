package io.sparsescope.experiments.page;

/**
 * Something that numbers tell, in a sentence.
 *
 * @param about which model or series
 * @param text the sentence
 */
record PageFinding(String about, String text) {}
