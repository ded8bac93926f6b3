/** Where a graph can be cut in two: before which node, and which tensors cross the cut. */
package io.sparsescope.rewriter.split;
