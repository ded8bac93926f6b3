package io.sparsescope.agent.history;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HistoryTest {
  private static final ServiceInfo SERVICE = new ServiceInfo(7, "demo.Main", 1234, true);
  private static final long START = 1_000_000;
  private static final long STEP = 5000;

  private final History history = new History(START, STEP);

  @Test
  void eachPointTellsOfItsOwnStretch() {
    ProfileRecorder recorder = recorder("a.onnx", 2);
    run(recorder, 10, new Counts(100, 25, 0), new Counts(50, 50, 0));
    recorder.cost(1000, 20);
    history.add(START + 5000, List.of(recorder.snapshot()));
    run(recorder, 30, new Counts(100, 75, 0), new Counts(50, 0, 0));
    recorder.cost(3000, 150);
    history.add(START + 10_000, List.of(recorder.snapshot()));

    JsonNode json = json(HistoryQuery.EVERYTHING);

    assertThat(json.path("service").path("main").asText()).isEqualTo("demo.Main");
    assertThat(json.path("service").path("reference").asBoolean()).isTrue();
    assertThat(longs(json.path("start"))).containsExactly(START, START + 5000);
    assertThat(longs(json.path("end"))).containsExactly(START + 5000, START + 10_000);
    JsonNode model = json.path("models").get(0);
    assertThat(model.path("name").asText()).isEqualTo("a.onnx");
    assertThat(longs(model.path("runs"))).containsExactly(10L, 30L);
    assertThat(longs(model.path("sampledRuns"))).containsExactly(1L, 1L);
    assertThat(doubles(model.path("runsPerSecond"))).containsExactly(2.0, 6.0);
    assertThat(doubles(model.path("overhead"))).containsExactly(0.02, 0.05);
    assertThat(longs(model.path("elements"))).containsExactly(150L, 150L);
    assertThat(longs(model.path("zeros"))).containsExactly(75L, 75L);
    assertThat(doubles(model.path("sparsity"))).containsExactly(0.5, 0.5);
    assertThat(doubles(model.path("layers").get(0).path("sparsity"))).containsExactly(0.25, 0.75);
    assertThat(doubles(model.path("layers").get(1).path("sparsity"))).containsExactly(1.0, 0.0);
  }

  @Test
  void stretchInWhichNothingWasCountedHasNoSparsity() {
    ProfileRecorder recorder = recorder("a.onnx", 1);
    run(recorder, 1, new Counts(10, 5, 0));
    history.add(START + 5000, List.of(recorder.snapshot()));
    history.add(START + 10_000, List.of(recorder.snapshot()));

    JsonNode model = json(HistoryQuery.EVERYTHING).path("models").get(0);

    assertThat(model.path("sparsity").get(1).isNull()).isTrue();
    assertThat(model.path("overhead").get(1).isNull()).isTrue();
    assertThat(model.path("layers").get(0).path("sparsity").get(1).isNull()).isTrue();
    assertThat(longs(model.path("runs"))).containsExactly(1L, 0L);
  }

  @Test
  void afterResetCountsWhatCameSince() {
    ProfileRecorder recorder = recorder("a.onnx", 1);
    run(recorder, 100, new Counts(1000, 900, 0));
    history.add(START + 5000, List.of(recorder.snapshot()));
    recorder.reset();
    run(recorder, 3, new Counts(10, 1, 0));
    history.add(START + 10_000, List.of(recorder.snapshot()));

    JsonNode model = json(HistoryQuery.EVERYTHING).path("models").get(0);

    assertThat(longs(model.path("runs"))).containsExactly(100L, 3L);
    assertThat(longs(model.path("elements"))).containsExactly(1000L, 10L);
    assertThat(doubles(model.path("sparsity"))).containsExactly(0.9, 0.1);
  }

  @Test
  void overheadThatIsEstimatedLowerIsNoReset() {
    ProfileRecorder recorder = recorder("a.onnx", 1);
    run(recorder, 5, new Counts(10, 1, 0));
    recorder.cost(1000, 100);
    history.add(START + 5000, List.of(recorder.snapshot()));
    run(recorder, 5, new Counts(10, 1, 0));
    recorder.cost(1000, -40);
    history.add(START + 10_000, List.of(recorder.snapshot()));

    JsonNode model = json(HistoryQuery.EVERYTHING).path("models").get(0);

    assertThat(longs(model.path("runs"))).containsExactly(5L, 5L);
    assertThat(longs(model.path("overheadNanos"))).containsExactly(100L, 0L);
  }

  @Property(tries = 60)
  void numberOfPointsIsBoundedAndNothingIsLost(
      @ForAll @Size(min = 1, max = 1500) List<@IntRange(min = 1, max = 9) Integer> runsOfSamples) {
    ProfileRecorder recorder = recorder("a.onnx", 1);
    History bounded = new History(START, STEP);
    long now = START;
    long runs = 0;
    for (int more : runsOfSamples) {
      run(recorder, more, new Counts(100, more, 0));
      runs += more;
      now += STEP;
      bounded.add(now, List.of(recorder.snapshot()));
    }

    JsonNode json = json(bounded, HistoryQuery.EVERYTHING);
    List<Long> starts = longs(json.path("start"));
    List<Long> ends = longs(json.path("end"));

    assertThat(starts).hasSizeBetween(1, Timeline.POINTS).startsWith(START);
    assertThat(ends).endsWith(now);
    assertThat(starts.subList(1, starts.size())).isEqualTo(ends.subList(0, ends.size() - 1));
    if (runsOfSamples.size() <= Timeline.POINTS) {
      assertThat(starts).hasSameSizeAs(runsOfSamples);
    } else {
      assertThat(starts).hasSizeGreaterThanOrEqualTo(Timeline.POINTS / 2);
    }
    JsonNode model = json.path("models").get(0);
    assertThat(sum(model.path("runs"))).isEqualTo(runs);
    assertThat(sum(model.path("zeros"))).isEqualTo(runs);
    assertThat(sum(model.path("elements"))).isEqualTo(100L * runsOfSamples.size());
  }

  @Test
  void whenThereAreTooManyPointsStretchesBecomeTwiceAsLong() {
    for (int i = 1; i <= Timeline.POINTS; i++) {
      history.add(START + i * STEP, List.of());
    }
    assertThat(json(HistoryQuery.EVERYTHING).path("step").asLong()).isEqualTo(STEP);

    history.add(START + 241 * STEP, List.of());
    JsonNode once = json(HistoryQuery.EVERYTHING);
    history.add(START + 242 * STEP, List.of());
    JsonNode again = json(HistoryQuery.EVERYTHING);

    assertThat(once.path("step").asLong()).isEqualTo(2 * STEP);
    assertThat(once.path("end")).hasSize(121);
    assertThat(once.path("end").get(0).asLong()).isEqualTo(START + 2 * STEP);
    assertThat(again.path("end")).as("the last point grows until it is full").hasSize(121);
    assertThat(again.path("end").get(120).asLong()).isEqualTo(START + 242 * STEP);
  }

  @Test
  void onlyWhatIsAskedForIsGiven() {
    ProfileRecorder first = recorder("a.onnx", 1);
    ProfileRecorder second = recorder("b.onnx", 2);
    for (int i = 1; i <= 4; i++) {
      run(first, i, new Counts(10, i, 0));
      history.add(START + i * STEP, List.of(first.snapshot(), second.snapshot()));
    }

    JsonNode json = json(HistoryQuery.parse("model=1&since=" + (START + 2 * STEP)));

    assertThat(longs(json.path("start"))).containsExactly(START + 2 * STEP, START + 3 * STEP);
    assertThat(longs(json.path("models").get(0).path("runs"))).containsExactly(3L, 4L);
    assertThat(json.path("models").get(0).has("layers")).isFalse();
    assertThat(json.path("models").get(1).path("layers")).hasSize(2);
    assertThat(json(HistoryQuery.parse("since=" + (START + 9 * STEP))).path("start")).isEmpty();
  }

  @Test
  void queriesThatMakeNoSenseAskForEverything() {
    for (String query :
        new String[] {null, "", "model=", "model=-1&since=x", "a=b", "&&", "since"}) {
      assertThat(HistoryQuery.parse(query)).as(query).isEqualTo(HistoryQuery.EVERYTHING);
    }
  }

  @Test
  void tensorsBeyondTheBoundCountInTheirModelsTotalOnly() {
    ProfileRecorder big = recorder("big.onnx", History.MAX_TAPS - 1);
    ProfileRecorder more = recorder("more.onnx", 3);
    run(more, 1, new Counts(10, 1, 0), new Counts(10, 2, 0), new Counts(10, 3, 0));
    history.add(START + STEP, List.of(big.snapshot(), more.snapshot()));

    JsonNode models = json(HistoryQuery.EVERYTHING).path("models");

    assertThat(models.get(0).path("layers")).hasSize(History.MAX_TAPS - 1);
    assertThat(models.get(1).path("layers")).hasSize(1);
    assertThat(longs(models.get(1).path("zeros"))).containsExactly(6L);
  }

  @Test
  void modelsBeyondTheBoundGetTheRoomOfThoseThatAreGone() {
    List<ModelProfile> models =
        IntStream.range(0, History.MAX_MODELS + 5)
            .mapToObj(i -> recorder("m" + i, 1).snapshot())
            .toList();
    history.add(START + STEP, models);
    assertThat(json(HistoryQuery.EVERYTHING).path("models")).hasSize(History.MAX_MODELS);

    history.add(START + 2 * STEP, models.subList(50, models.size()));

    List<String> names = new ArrayList<>();
    json(HistoryQuery.EVERYTHING).path("models").forEach(m -> names.add(m.path("name").asText()));
    assertThat(names)
        .isEqualTo(models.subList(50, models.size()).stream().map(ModelProfile::name).toList());
  }

  @Test
  void modelsAndArmsThatLookAlikeAreToldApart() {
    ModelInfo info = new ModelInfo("a.onnx", "00ff", "g", 17);
    ProfileRecorder control = new ProfileRecorder(info, "control", List.of(tap(0)), Map.of());
    ProfileRecorder treated = new ProfileRecorder(info, "thresholds", List.of(tap(0)), Map.of());
    ProfileRecorder untouched = new ProfileRecorder(info, List.of(), Map.of());
    untouched.skipped(List.of(new SkippedTap("", "", "not instrumented: no reason")));
    run(control, 1, new Counts(10, 1, 0));
    run(treated, 2, new Counts(10, 2, 0));
    untouched.run();
    history.add(
        START + STEP, List.of(control.snapshot(), treated.snapshot(), untouched.snapshot()));

    JsonNode models = json(HistoryQuery.EVERYTHING).path("models");

    assertThat(models).hasSize(3);
    assertThat(models.get(1).path("arm").asText()).isEqualTo("thresholds");
    assertThat(longs(models.get(1).path("zeros"))).containsExactly(2L);
    assertThat(longs(models.get(2).path("runs"))).containsExactly(1L);
    assertThat(models.get(2).path("sparsity").get(0).isNull()).isTrue();
  }

  @Test
  void argumentsAndFoldersOfTheServiceStayPrivate() {
    assertThat(ServiceInfo.mainOf("demo.Main --password=secret")).isEqualTo("demo.Main");
    assertThat(ServiceInfo.mainOf("/home/me/app.jar secret")).isEqualTo("app.jar");
    assertThat(ServiceInfo.mainOf("")).isEmpty();
    assertThat(ServiceInfo.mainOf("x".repeat(1000))).hasSize(200);
    assertThat(ServiceInfo.current(false).pid()).isEqualTo(ProcessHandle.current().pid());
  }

  private static ProfileRecorder recorder(String name, int taps) {
    return new ProfileRecorder(
        new ModelInfo(name, "ab".repeat(32), "graph", 17),
        IntStream.range(0, taps).mapToObj(HistoryTest::tap).toList(),
        Map.of());
  }

  private static TapInfo tap(int number) {
    return new TapInfo("n" + number, "Relu", "t" + number, "", "", TapKind.ACTIVATION, "float32");
  }

  /** Runs the model; the last run is sampled. */
  private static void run(ProfileRecorder recorder, int times, Counts... counts) {
    for (int i = 0; i < times; i++) {
      recorder.run();
    }
    recorder.record(counts);
  }

  private JsonNode json(HistoryQuery query) {
    return json(history, query);
  }

  private static JsonNode json(History history, HistoryQuery query) {
    try {
      return new ObjectMapper().readTree(history.toJson(SERVICE, query));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> longs(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asLong).toList();
  }

  private static List<Double> doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asDouble).toList();
  }

  private static long sum(JsonNode array) {
    return longs(array).stream().mapToLong(Long::longValue).sum();
  }
}
