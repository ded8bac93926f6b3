package io.sparsescope.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class OtlpSenderTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Attributes RESOURCE = ProcessAttributes.of("my service", null, 42);

  private static final Profile PROFILE =
      Profiles.of(
          Profiles.model(
              "net",
              Profiles.SHA,
              "",
              List.of(Profiles.tap("l1", "t1", (1L << 53) + 3, (1L << 53) + 1, 1))),
          Profiles.model("net", Profiles.SHA, "b", List.of(Profiles.tap("l1", "t1", 8, 6, 0))));

  private final RecordingJournal journal = new RecordingJournal();
  private final BlockingQueue<String> requestLines = new LinkedBlockingQueue<>();
  private final BlockingQueue<ExportMetricsServiceRequest> received = new LinkedBlockingQueue<>();
  private HttpServer collector;
  private volatile int status = 200;

  @BeforeEach
  void collect() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext("/", this::receive);
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.stop(0);
  }

  @Test
  void sendsExactSumsWhenItIsClosed() throws Exception {
    start("", NEVER, PROFILE).close();

    ExportMetricsServiceRequest request = received.poll(10, TimeUnit.SECONDS);
    assertThat(requestLines).containsExactly("POST /v1/metrics application/x-protobuf");
    String b = "{arm=b, layer=l1, model=net, op=Relu, sha256=0123456789ab, tensor=t1}";
    String plain = "{layer=l1, model=net, op=Relu, sha256=0123456789ab, tensor=t1}";
    Map<String, Number> points = points(request);
    assertThat(points)
        .containsEntry("sparsescope.elements" + plain, (1L << 53) + 3)
        .containsEntry("sparsescope.zeros" + plain, (1L << 53) + 1)
        .containsEntry("sparsescope.nan" + plain, 1L)
        .containsEntry("sparsescope.zeros" + b, 6L)
        .containsEntry("sparsescope.sparsity" + b, 0.75)
        .containsEntry("sparsescope.runs{model=net, sha256=0123456789ab}", 10L)
        .containsEntry("sparsescope.overhead{model=net, sha256=0123456789ab}", 0.125)
        .containsEntry("sparsescope.drops{arm=b, model=net, sha256=0123456789ab}", 4L)
        .containsEntry("sparsescope.failures{}", 3L)
        .containsEntry("sparsescope.info{onnxruntime=1.29.0, version=1.2}", 1.0);
    // The same series as Prometheus gets.
    LiveTotals totals = LiveTotals.of(PROFILE);
    assertThat(points)
        .hasSize(
            IntStream.range(0, io.sparsescope.agent.export.Metric.values().length)
                .map(i -> io.sparsescope.agent.export.Metric.values()[i].points(totals).size())
                .sum());
    assertThat(journal.failures).isEmpty();
  }

  @Test
  void tellsWhatSumsAre() throws Exception {
    start("", NEVER, PROFILE).close();

    Map<String, Metric> metrics =
        metrics(received.poll(10, TimeUnit.SECONDS)).stream()
            .collect(Collectors.toMap(Metric::getName, metric -> metric));
    assertThat(metrics.get("sparsescope.zeros").getSum().getIsMonotonic()).isTrue();
    assertThat(metrics.get("sparsescope.zeros").getSum().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(metrics.get("sparsescope.run").getUnit()).isEqualTo("s");
    assertThat(metrics.get("sparsescope.sparsity").hasGauge()).isTrue();
  }

  @Test
  void tellsWhichProcessItIs() throws Exception {
    start("", NEVER, PROFILE).close();

    Map<String, String> resource =
        received
            .poll(10, TimeUnit.SECONDS)
            .getResourceMetrics(0)
            .getResource()
            .getAttributesList()
            .stream()
            .collect(Collectors.toMap(KeyValue::getKey, OtlpSenderTest::text));
    assertThat(resource)
        .containsEntry("service.name", "my service")
        .containsEntry("process.pid", "42")
        .containsEntry("telemetry.sdk.language", "java");
  }

  @Test
  void sendsAtEveryIntervalToThePathThatIsGiven() throws Exception {
    try (OtlpSender sender = start("/otel/in", Duration.ofMillis(100), PROFILE)) {
      assertThat(sender.destination()).endsWith("/otel/in");
      assertThat(received.poll(30, TimeUnit.SECONDS)).isNotNull();
      assertThat(received.poll(30, TimeUnit.SECONDS)).isNotNull();
    }
    assertThat(requestLines).allMatch(line -> line.startsWith("POST /otel/in "));
  }

  @Test
  void sendsMoreSeriesThanTheSdkWouldByItself() throws Exception {
    Profile large =
        Profiles.of(
            Profiles.model(
                "net",
                Profiles.SHA,
                "",
                IntStream.range(0, 2500)
                    .mapToObj(i -> Profiles.tap("l" + i, "t" + i, 10, 1, 0))
                    .toList()));
    start("", NEVER, large).close();

    Map<String, Number> points = points(received.poll(10, TimeUnit.SECONDS));
    assertThat(points.keySet())
        .filteredOn(name -> name.startsWith("sparsescope.zeros{"))
        .hasSize(LiveTotals.MAX_TAPS + 1)
        .noneMatch(name -> name.contains("overflow"));
    assertThat(
            points.entrySet().stream()
                .filter(point -> point.getKey().startsWith("sparsescope.zeros{"))
                .mapToLong(point -> point.getValue().longValue())
                .sum())
        .isEqualTo(2500);
  }

  @Test
  void countsACollectorThatRefusesAsFailure() throws Exception {
    status = 503;
    start("", NEVER, PROFILE).close();

    assertThat(journal.failures)
        .singleElement()
        .asString()
        .contains("metrics could not be sent to http://127.0.0.1:", "/v1/metrics", "503");
  }

  @Test
  void countsACollectorThatIsNotThereAsFailure() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    OtlpSender.start(
            URI.create("http://127.0.0.1:" + port),
            NEVER,
            RESOURCE,
            () -> LiveTotals.of(PROFILE),
            journal)
        .close();

    assertThat(journal.failures)
        .singleElement()
        .asString()
        .contains("http://127.0.0.1:" + port + "/v1/metrics", "ConnectException");
  }

  @Test
  @Timeout(60)
  void endsThoughTheCollectorNeverAnswers() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI endpoint = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      OtlpSender sender =
          OtlpSender.start(endpoint, NEVER, RESOURCE, () -> LiveTotals.of(PROFILE), journal);

      sender.close();

      assertThat(sender.destination()).startsWith(endpoint.toString());
    }
  }

  @Test
  void countsAProfileThatCannotBeReadAsFailure() throws Exception {
    OtlpSender.start(
            endpoint(""),
            NEVER,
            RESOURCE,
            () -> {
              throw new IllegalStateException("no profile");
            },
            journal)
        .close();

    assertThat(journal.failures).singleElement().asString().contains("no profile");
  }

  @Test
  void keepsSecretsOutOfMessages() {
    assertThat(OtlpSender.destination(URI.create("https://me:secret@host:1/v1/metrics?key=secret")))
        .isEqualTo("https://host:1/v1/metrics");
  }

  @Test
  void namesTheServiceAfterWhatIsRun() {
    assertThat(ProcessAttributes.of(null, "/opt/my/app.jar --port 1", 7))
        .isEqualTo(Attributes.builder().put("service.name", "app").put("process.pid", 7).build());
    assertThat(ProcessAttributes.of("", "mod/com.example.Main x", 7))
        .isEqualTo(
            Attributes.builder()
                .put("service.name", "com.example.Main")
                .put("process.pid", 7)
                .build());
    assertThat(ProcessAttributes.of(null, null, 7))
        .isEqualTo(Attributes.builder().put("process.pid", 7).build());
  }

  private OtlpSender start(String path, Duration interval, Profile profile) {
    return OtlpSender.start(
        endpoint(path), interval, RESOURCE, () -> LiveTotals.of(profile), journal);
  }

  private URI endpoint(String path) {
    return URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + path);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      requestLines.add(
          exchange.getRequestMethod()
              + " "
              + exchange.getRequestURI()
              + " "
              + exchange.getRequestHeaders().getFirst("Content-Type"));
      received.add(ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody()));
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private static List<Metric> metrics(ExportMetricsServiceRequest request) {
    return request.getResourceMetrics(0).getScopeMetrics(0).getMetricsList();
  }

  /** Values by series: {@code name{a=1, b=2}}, a Long for sums of whole numbers. */
  private static Map<String, Number> points(ExportMetricsServiceRequest request) {
    Map<String, Number> points = new TreeMap<>();
    for (Metric metric : metrics(request)) {
      List<NumberDataPoint> data =
          metric.hasSum()
              ? metric.getSum().getDataPointsList()
              : metric.getGauge().getDataPointsList();
      for (NumberDataPoint point : data) {
        Map<String, String> attributes = new TreeMap<>();
        point.getAttributesList().forEach(a -> attributes.put(a.getKey(), text(a)));
        Number value =
            point.getValueCase() == NumberDataPoint.ValueCase.AS_INT
                ? (Number) point.getAsInt()
                : (Number) point.getAsDouble();
        points.put(metric.getName() + attributes, value);
      }
    }
    return points;
  }

  private static String text(KeyValue attribute) {
    return attribute.getValue().hasIntValue()
        ? Long.toString(attribute.getValue().getIntValue())
        : attribute.getValue().getStringValue();
  }
}
