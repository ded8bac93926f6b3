/**
 * Stands in for {@code java.util.logging} in the libraries that the agent's jar carries: the build
 * makes them call these classes instead. So whatever they have to say does not reach the
 * application's handlers, and the application's log manager is not set up before its time. What
 * matters of it, the agent says itself.
 */
package io.sparsescope.agent.silent;
