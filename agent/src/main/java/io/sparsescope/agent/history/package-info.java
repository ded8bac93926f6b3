/**
 * How what the agent counts has changed since it started: a history of bounded size, coarser the
 * longer the service runs.
 */
package io.sparsescope.agent.history;
