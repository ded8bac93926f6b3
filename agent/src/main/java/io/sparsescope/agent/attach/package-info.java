/**
 * How an operator's command reaches the agent in a running JVM, and how the answer gets back:
 * through files in a folder that only the operator and the JVM's user can reach. Knows nothing of
 * what the commands do.
 */
package io.sparsescope.agent.attach;
