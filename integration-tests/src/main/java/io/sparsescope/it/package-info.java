/**
 * What the integration tests and the benchmarks share: child JVMs, JDKs of this machine, the
 * repository's folders. Knows the agent only by the path of its jar.
 */
package io.sparsescope.it;
