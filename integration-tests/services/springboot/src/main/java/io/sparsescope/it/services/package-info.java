/** A service as somebody else would write it; it must not know Sparsescope. */
package io.sparsescope.it.services;
