/**
 * The report as a page: one HTML file that holds its data, its scripts and its libraries, and asks
 * nothing of the network. Java reads, computes and writes; the page's scripts only show, on the
 * page and, run by an engine of scripts, in pictures of its plots. Knows nothing of the command
 * line.
 */
package io.sparsescope.experiments.page;
