/**
 * Mutated models against the parser and the rewriter, in a small heap: whatever comes in, what
 * comes out is a model or one of our own exceptions, in bounded time.
 */
package io.sparsescope.it.fuzz;
