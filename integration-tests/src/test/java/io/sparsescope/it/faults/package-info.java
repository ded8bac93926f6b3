/**
 * Every method of the agent made to throw, one after the other, under an application that must not
 * notice.
 */
package io.sparsescope.it.faults;
