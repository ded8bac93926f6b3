/**
 * The report as a page: one HTML file that holds its data, its scripts and its libraries, and asks
 * nothing of the network. Java reads, computes and writes; the page's scripts only show. Knows
 * nothing of the command line.
 */
package io.sparsescope.experiments.page;
