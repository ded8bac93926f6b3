package io.sparsescope.experiments.page;

/**
 * A plot as it stands in a file.
 *
 * @param kind what it shows, in words
 * @param of the label of what it is of; empty where it is of all files
 * @param width in pixels
 * @param height in pixels
 * @param svg the drawing
 */
record Picture(String kind, String of, int width, int height, String svg) {}
