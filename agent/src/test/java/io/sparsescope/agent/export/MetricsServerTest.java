package io.sparsescope.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.agent.config.Listen;
import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsServerTest {
  private static final Profile PROFILE =
      Profiles.of(Profiles.model("m", Profiles.SHA, "", List.of(Profiles.tap("l", "t", 10, 3, 0))));

  private final RecordingJournal journal = new RecordingJournal();
  private final HttpClient client = HttpClient.newHttpClient();
  private MetricsServer server;

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void servesMetricsAndTheProfile() throws Exception {
    serve();

    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(TextFormat.parse(metrics.body()))
        .containsEntry(
            "sparsescope_zeros_total{layer=l, model=m, op=Relu, sha256=0123456789ab, tensor=t}",
            3.0);
    HttpResponse<String> profile = get("/profile.json?x=y");
    assertThat(profile.statusCode()).isEqualTo(200);
    assertThat(profile.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(Profile.parse("response", profile.body())).isEqualTo(PROFILE);
  }

  @Test
  void servesThePageAndTheHistory() throws Exception {
    serve();

    HttpResponse<String> page = get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.body()).startsWith("<!doctype html>").contains("<title>Sparsescope</title>");
    for (String script : List.of("/live.js", "/table.js", "/echarts.js")) {
      HttpResponse<String> part = get(script);
      assertThat(part.headers().firstValue("Content-Type"))
          .contains("text/javascript; charset=utf-8");
      assertThat(part.body()).isNotEmpty();
    }
    assertThat(get("/page.css").headers().firstValue("Content-Type"))
        .contains("text/css; charset=utf-8");
    HttpResponse<String> series = get("/series.json?model=1&since=2");
    assertThat(series.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(series.body()).isEqualTo("[\"model=1&since=2\"]");
  }

  @Test
  void servesTheDriftFromAReferenceIfThereIsOne() throws Exception {
    serve();
    assertThat(get("/drift.json").statusCode()).isEqualTo(404);
    server.close();

    Profile reference =
        Profiles.of(
            Profiles.model("m", Profiles.SHA, "", List.of(Profiles.tap("l", "t", 10, 8, 0))));
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Routes.of(
            () -> PROFILE,
            query -> new byte[0],
            live -> Optional.of(Drift.between(reference, live))));
    assertThat(get("/drift.json").body()).contains("\"maxDistance\" : 0.5");
    assertThat(TextFormat.parse(get("/metrics").body()))
        .containsEntry(
            "sparsescope_drift_distance{layer=l, model=m, op=Relu, sha256=0123456789ab, tensor=t}",
            0.5);
  }

  @Test
  void bindsToLoopbackAndTellsItsAddress() throws Exception {
    serve();

    assertThat(server.address()).matches("127\\.0\\.0\\.1:[1-9][0-9]*");
  }

  @Test
  void tellsBrowsersToBeCareful() throws Exception {
    serve();

    for (String path : List.of("/metrics", "/nothing")) {
      Map<String, List<String>> headers = get(path).headers().map();
      assertThat(headers).containsEntry("Cache-Control", List.of("no-store"));
      assertThat(headers).containsEntry("X-Content-Type-Options", List.of("nosniff"));
      assertThat(headers).containsEntry("Cross-Origin-Resource-Policy", List.of("same-origin"));
      assertThat(headers).doesNotContainKey("Access-Control-Allow-Origin");
      assertThat(headers.get("Content-Security-Policy"))
          .singleElement()
          .asString()
          .contains(
              "default-src 'none'",
              "script-src 'self';",
              "connect-src 'self'",
              "frame-ancestors 'none'");
    }
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    serve();

    HttpResponse<String> response = send("HEAD", "/profile.json");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.headers().firstValueAsLong("Content-Length"))
        .hasValue(PROFILE.toJson().getBytes(UTF_8).length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get"})
  void refusesToDoAnythingElse(String method) throws Exception {
    serve();

    HttpResponse<String> response = send(method, "/metrics");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/metrics/", "/metrics/x", "//metrics", "/../metrics", "/%2e%2e/x", "/Metrics"})
  void hasNothingUnderOtherPaths(String path) throws Exception {
    serve();

    assertThat(raw("GET " + path + " HTTP/1.1", "localhost")).startsWith("HTTP/1.1 404 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9400", "[::1]", "[::1]:80"})
  void knowsNamesOfLoopback(String host) throws Exception {
    serve();

    assertThat(raw("GET /metrics HTTP/1.1", host)).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "a b"})
  void refusesOtherNamesOnLoopback(String host) throws Exception {
    serve();

    assertThat(raw("GET /metrics HTTP/1.1", host)).startsWith("HTTP/1.1 403 ");
  }

  @Test
  void doesNotAskForANameWhenBoundToAllAddresses() throws Exception {
    serve(new Listen("0.0.0.0", 0), Map.of("/a", request -> text("fine")));

    assertThat(raw("GET /a HTTP/1.1", "metrics.example")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void passesOnWhatARouteMayNeed() throws Exception {
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Map.of("/a", request -> text(request.query() + "|" + request.accept())));

    assertThat(get("/a?x=%20&y").body()).isEqualTo("x=%20&y|");
  }

  @Test
  void tellsTheJournalOfFailuresAndTheClientNoDetails() throws Exception {
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Map.of(
            "/a",
            request -> {
              throw new IllegalStateException("secret");
            },
            "/b",
            request -> {
              throw new OutOfMemoryError("secret");
            }));

    for (String path : List.of("/a", "/b")) {
      HttpResponse<String> response = get(path);
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).doesNotContain("secret");
    }
    assertThat(journal.failures).hasSize(2).allMatch(failure -> failure.contains("secret"));
  }

  @Test
  void dropsClientsThatAreTooSlowAndServesTheOthers() throws Exception {
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Map.of("/a", request -> text("fine")),
        Duration.ofMillis(200));

    // As many as there are workers, each stopping in the middle of its request.
    try (Socket first = connect();
        Socket second = connect()) {
      for (Socket socket : List.of(first, second)) {
        socket.getOutputStream().write("GET /a HTTP/1.1\r\nHost: loc".getBytes(UTF_8));
        socket.getOutputStream().flush();
      }
      assertThat(get("/a").body()).isEqualTo("fine");
      assertThat(first.getInputStream().readAllBytes()).isEmpty();
      assertThat(second.getInputStream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void dropsClientsThatDoNotReadTheirAnswer() throws Exception {
    byte[] large = new byte[64 << 20];
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Map.of("/large", request -> new Answer("text/plain", large), "/a", request -> text("fine")),
        Duration.ofMillis(200));

    try (Socket first = connect();
        Socket second = connect()) {
      for (Socket socket : List.of(first, second)) {
        socket
            .getOutputStream()
            .write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      }
      assertThat(get("/a").body()).isEqualTo("fine");
    }
    assertThat(journal.failures).isEmpty();
  }

  @Test
  void runsOnDaemonThreadsWithoutTheApplicationsClassLoader() throws Exception {
    Thread[] worker = new Thread[1];
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Map.of(
            "/a",
            request -> {
              worker[0] = Thread.currentThread();
              return text("fine");
            }));
    get("/a");

    assertThat(worker[0].isDaemon()).isTrue();
    assertThat(worker[0].getContextClassLoader()).isSameAs(MetricsServer.class.getClassLoader());
  }

  private static Answer text(String text) {
    return new Answer("text/plain", text.getBytes(UTF_8));
  }

  private void serve() throws IOException {
    serve(
        new Listen(Listen.LOOPBACK, 0),
        Routes.of(
            () -> PROFILE,
            query -> ("[\"" + query + "\"]").getBytes(UTF_8),
            live -> Optional.empty()));
  }

  private void serve(Listen listen, Map<String, Route> routes) throws IOException {
    server = MetricsServer.start(listen, routes, journal);
  }

  private void serve(Listen listen, Map<String, Route> routes, Duration limit) throws IOException {
    server = MetricsServer.start(listen, routes, journal, limit);
  }

  private int port() {
    return URI.create("http://" + server.address()).getPort();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send("GET", path);
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
            .method(method, BodyPublishers.noBody())
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port());
  }

  /** The answer to a request with this Host header; "" for a request without one. */
  private String raw(String requestLine, String host) throws IOException {
    try (Socket socket = connect();
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      String header = host.isEmpty() ? "" : "Host: " + host + "\r\n";
      out.write((requestLine + "\r\n" + header + "Connection: close\r\n\r\n").getBytes(UTF_8));
      out.flush();
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
