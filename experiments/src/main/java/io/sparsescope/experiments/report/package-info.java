/**
 * Reports of what profiles and searches have found, in the layout of the paper's tables: files are
 * read into findings, findings joined to a {@link Report} (rows), rows laid out as {@link
 * ReportTable}s, and tables written in a {@link TableFormat}.
 */
package io.sparsescope.experiments.report;
