/**
 * Looks for the highest thresholds at which a model is as good as before (section 3.1 of the paper
 * by Loroch, Pfreundt, Wehn and Keuper): each unit, a layer or a block, by itself with all others
 * dense, then all at once. Owns what has a threshold of its own, the records to judge by, the
 * grids, and the result. Knows of models only what the rewriter and ONNX Runtime do with them.
 */
package io.sparsescope.experiments.search;
