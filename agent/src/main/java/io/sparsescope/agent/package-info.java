/**
 * The Java agent's entry point. Together with {@link io.sparsescope.agent.bootstrap} the only
 * classes of the agent that an application's class loaders can see; everything else is loaded by
 * the agent's own loader.
 */
package io.sparsescope.agent;
