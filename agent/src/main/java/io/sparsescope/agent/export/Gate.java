package io.sparsescope.agent.export;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.sparsescope.agent.session.Journal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Lets through what may be asked for: reading, of known paths, and on a loopback address only under
 * a loopback name, so that no web page can reach the server through a name of its own that it lets
 * point here. Request bodies are not read.
 */
final class Gate implements HttpHandler {
  private static final Pattern LOOPBACK =
      Pattern.compile(
          "(?:localhost|127(?:\\.[0-9]{1,3}){3}|\\[::1\\])(?::[0-9]{1,5})?",
          Pattern.CASE_INSENSITIVE);

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self';"
          + " img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final Map<String, Route> routes;
  private final boolean loopback;
  private final Journal journal;

  /**
   * @param loopback whether the server is bound to a loopback address
   */
  Gate(Map<String, Route> routes, boolean loopback, Journal journal) {
    this.routes = Map.copyOf(routes);
    this.loopback = loopback;
    this.journal = journal;
  }

  @Override
  public void handle(HttpExchange exchange) {
    try (exchange) {
      answer(exchange);
    } catch (IOException e) {
      // The client has gone, or was too slow.
      journal.debug("a client of the metrics server did not wait for its answer: " + e);
    } catch (Throwable t) {
      journal.failed("answering a request to the metrics server", t);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (loopback && !isLoopback(exchange.getRequestHeaders().getFirst("Host"))) {
      refuse(exchange, 403, "Ask for localhost or 127.0.0.1.");
      return;
    }
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      refuse(exchange, 405, "Only GET and HEAD.");
      return;
    }
    Route route = routes.get(exchange.getRequestURI().getPath());
    Answer answer;
    try {
      answer = route == null ? null : route.answer(request(exchange));
    } catch (Throwable t) {
      journal.failed("answering a request to the metrics server", t);
      refuse(exchange, 500, "Failed; the agent's profile says why.");
      return;
    }
    if (answer == null) {
      refuse(exchange, 404, "Nothing here; there is /metrics and /profile.json.");
    } else {
      send(exchange, 200, answer);
    }
  }

  private static boolean isLoopback(String host) {
    return host != null && LOOPBACK.matcher(host).matches();
  }

  private static Request request(HttpExchange exchange) {
    return new Request(
        Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), ""),
        Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Accept"), ""));
  }

  private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
    byte[] body = (why + "\n").getBytes(StandardCharsets.UTF_8);
    send(exchange, status, new Answer("text/plain; charset=utf-8", body));
  }

  private static void send(HttpExchange exchange, int status, Answer answer) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.contentType());
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Content-Security-Policy", CONTENT_SECURITY_POLICY);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(answer.body().length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, answer.body().length);
      exchange.getResponseBody().write(answer.body());
    }
  }
}
