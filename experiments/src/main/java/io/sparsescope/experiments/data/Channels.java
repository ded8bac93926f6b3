package io.sparsescope.experiments.data;

/** The order of colours in a model's image input. */
public enum Channels {
  RGB,
  BGR
}
