/** Sampled runs as events of the JDK's Flight Recorder, where the runtime has it. */
package io.sparsescope.agent.events;
