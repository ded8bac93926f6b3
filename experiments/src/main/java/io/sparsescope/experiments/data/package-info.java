/**
 * Data sets as batches of model inputs, streamed from the formats they are published in. Knows the
 * inputs of a model by name, type and shape, and nothing else of it.
 */
package io.sparsescope.experiments.data;
