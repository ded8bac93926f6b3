/** The agent as it is shipped, in JVMs of their own. */
package io.sparsescope.agent.it;
