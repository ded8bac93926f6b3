package io.sparsescope.experiments.data;

/** Where a model's image input has its channels. */
public enum Layout {
  /** Before height and width. */
  NCHW,
  /** Behind them. */
  NHWC
}
