package io.sparsescope.agent.export;

/** Answers the requests for one path. Safe for use by many threads. */
interface Route {
  /**
   * @return null if there is nothing under the path
   * @throws Exception if there should be; the client hears no details
   */
  Answer answer(Request request) throws Exception;
}
