/** The agent's live page in a real browser, on a real service. */
package io.sparsescope.it.page;
