/** How the agent makes its threads. */
package io.sparsescope.agent.threads;
