/**
 * Benchmarks of the whole, as plain programs that {@code sparsescope bench} starts: what rewriting
 * costs beside a file copy, what counting costs beside a plain run. They print, and judge nothing.
 */
package io.sparsescope.it.bench;
