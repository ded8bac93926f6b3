/** Rules: what to do at which nodes, as written in a rule file or built from a command line. */
package io.sparsescope.rewriter.rules;
