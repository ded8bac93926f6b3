/** The short form of the soak, and its arithmetic. */
package io.sparsescope.it.soak;
