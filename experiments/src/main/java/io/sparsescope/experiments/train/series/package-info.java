/**
 * What a training run went through, step by step: zeros of its gradients, loss, accuracy. The file
 * of it, and how it is taken down in bounded memory. Knows nothing of how training is done.
 */
package io.sparsescope.experiments.train.series;
