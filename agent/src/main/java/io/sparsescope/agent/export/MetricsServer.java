package io.sparsescope.agent.export;

import com.sun.net.httpserver.HttpServer;
import io.sparsescope.agent.config.Listen;
import io.sparsescope.agent.session.Journal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** Serves routes over HTTP, by daemon threads only. */
final class MetricsServer implements AutoCloseable {
  /** The module that has the server. */
  static final String MODULE = "jdk.httpserver";

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final Workers workers;

  private MetricsServer(HttpServer server, Workers workers) {
    this.server = server;
    this.workers = workers;
  }

  /**
   * Serves from now on. To be called on a daemon thread: the server's own thread is of its caller's
   * kind.
   *
   * @throws IOException if the address is unknown or taken
   */
  static MetricsServer start(Listen listen, Map<String, Route> routes, Journal journal)
      throws IOException {
    return start(listen, routes, journal, LIMIT);
  }

  /**
   * @param limit the most time for a request
   */
  static MetricsServer start(
      Listen listen, Map<String, Route> routes, Journal journal, Duration limit)
      throws IOException {
    InetAddress host = InetAddress.getByName(listen.host());
    HttpServer server = HttpServer.create(new InetSocketAddress(host, listen.port()), BACKLOG);
    Workers workers = new Workers(limit);
    server.setExecutor(workers);
    server.createContext("/", new Gate(routes, host.isLoopbackAddress(), journal));
    server.start();
    return new MetricsServer(server, workers);
  }

  /** HOST:PORT as it is bound. */
  String address() {
    InetSocketAddress address = server.getAddress();
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    workers.close();
  }
}
