/**
 * The agent's options: where they come from, what they may be. Knows nothing of what they switch.
 */
package io.sparsescope.agent.config;
