/**
 * Selecting in a graph: patterns that say why they do not match, and layers (a weighted node with
 * the element-wise nodes behind it). Knows nothing of what is done to what it selects.
 */
package io.sparsescope.rewriter.match;
