package io.sparsescope.agent.config;

/**
 * Where the metrics are served.
 *
 * @param host name or address to bind to; loopback unless the user names another
 * @param port 0 for any that is free
 */
public record Listen(String host, int port) {
  /** What is bound where no host is given. */
  public static final String LOOPBACK = "127.0.0.1";
}
