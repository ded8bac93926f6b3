/**
 * The agent's life: starts what its options ask for, keeps count of what went wrong, writes the
 * profile.
 */
package io.sparsescope.agent.runtime;
