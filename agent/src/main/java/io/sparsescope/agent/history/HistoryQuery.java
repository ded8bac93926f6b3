package io.sparsescope.agent.history;

/**
 * What part of the history is wanted.
 *
 * @param model id of the model whose tensors are wanted each by itself; {@link #ALL} for all models
 * @param since stretches that begin at this time or later, in ms since 1970
 */
public record HistoryQuery(int model, long since) {
  /** As a model: all of them. */
  public static final int ALL = -1;

  /** Everything. */
  public static final HistoryQuery EVERYTHING = new HistoryQuery(ALL, 0);

  /**
   * Reads {@code model=ID&since=MILLIS}, both optional. What it does not understand it leaves out.
   *
   * @param query the part of a URL behind the question mark, or null
   */
  public static HistoryQuery parse(String query) {
    int model = ALL;
    long since = 0;
    for (String pair : query == null ? new String[0] : query.split("&", 8)) {
      if (pair.matches("model=[0-9]{1,6}")) {
        model = Integer.parseInt(pair.substring("model=".length()));
      } else if (pair.matches("since=[0-9]{1,15}")) {
        since = Long.parseLong(pair.substring("since=".length()));
      }
    }
    return new HistoryQuery(model, since);
  }
}
