/**
 * Long runs of a program that opens, runs and closes sessions all the time under the agent: memory
 * and threads must not grow, counts must be exact.
 */
package io.sparsescope.it.soak;
