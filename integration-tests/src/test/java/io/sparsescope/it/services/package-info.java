/**
 * Services as others write them, in child JVMs, with and without the shaded agent: what they
 * compute must be the same, and what the agent counts must be what an offline profile counts.
 */
package io.sparsescope.it.services;
