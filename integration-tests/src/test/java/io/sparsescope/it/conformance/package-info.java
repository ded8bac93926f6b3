/**
 * "Nothing changes", on every model at hand: rewritten models must compute what the untouched ones
 * compute, and every count must equal one made by other means. Shares no code with the rewriter but
 * the schema.
 */
package io.sparsescope.it.conformance;
