/**
 * What every page that shows a profile is made of: style, tables, plots and the plotting library.
 * The report page and the agent's live page add their own parts. Knows neither of them.
 */
package io.sparsescope.profile.page;
