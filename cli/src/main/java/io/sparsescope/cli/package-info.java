/**
 * The {@code sparsescope} command: reads options, calls the other modules, prints. Holds no logic
 * of its own.
 */
package io.sparsescope.cli;
