package io.sparsescope.agent.history;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapProfile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;

/**
 * One model's history: its runs, what counting cost, the counts of all its tensors together, and of
 * the first ones each by itself.
 */
final class ModelHistory {
  private static final double NANOS = 1e9;
  private static final double DIGITS = 1e5;

  private final int id;
  private final ModelKey key;
  private final CounterHistory runs = new CounterHistory();
  private final CounterHistory sampledRuns = new CounterHistory();
  private final CounterHistory drops = new CounterHistory();
  private final CounterHistory runNanos = new CounterHistory();
  private final CounterHistory overheadNanos = new CounterHistory();
  private final Sparsity all = new Sparsity("");
  private final List<Sparsity> layers = new ArrayList<>();

  /** What a tensor held, or several together. */
  private record Sparsity(String tensor, CounterHistory elements, CounterHistory zeros) {
    Sparsity(String tensor) {
      this(tensor, new CounterHistory(), new CounterHistory());
    }

    void read(int point, long elementsNow, long zerosNow) {
      elements.read(point, elementsNow);
      zeros.read(point, zerosNow);
    }

    /** NaN where nothing was counted. */
    double at(int point) {
      return (double) zeros.get(point) / elements.get(point);
    }
  }

  /**
   * @param taps how many tensors have a history each
   */
  ModelHistory(int id, ModelKey key, ModelProfile model, int taps) {
    this.id = id;
    this.key = key;
    model.runTaps().stream().limit(taps).forEach(tap -> layers.add(new Sparsity(tap.tensor())));
  }

  int id() {
    return id;
  }

  int layers() {
    return layers.size();
  }

  /** Takes what the counters say at the end of a stretch. */
  void read(int point, ModelProfile model) {
    List<TapProfile> taps = model.runTaps();
    long elements = 0;
    long zeros = 0;
    for (TapProfile tap : taps) {
      elements += tap.elements();
      zeros += tap.zeros();
    }
    if (wasReset(model, taps, elements, zeros)) {
      counters().forEach(CounterHistory::restart);
    }
    runs.read(point, model.runs());
    sampledRuns.read(point, model.sampledRuns());
    drops.read(point, model.cost().drops());
    runNanos.read(point, model.cost().runNanos());
    overheadNanos.read(point, model.cost().overheadNanos());
    all.read(point, elements, zeros);
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).read(point, taps.get(i).elements(), taps.get(i).zeros());
    }
  }

  /** Overhead is an estimate, it may fall without a reset. */
  private boolean wasReset(ModelProfile model, List<TapProfile> taps, long elements, long zeros) {
    boolean fell =
        runs.fell(model.runs())
            || sampledRuns.fell(model.sampledRuns())
            || all.elements().fell(elements)
            || all.zeros().fell(zeros);
    for (int i = 0; i < layers.size() && !fell; i++) {
      fell =
          layers.get(i).elements().fell(taps.get(i).elements())
              || layers.get(i).zeros().fell(taps.get(i).zeros());
    }
    return fell;
  }

  void halve() {
    counters().forEach(CounterHistory::halve);
  }

  private Stream<CounterHistory> counters() {
    return Stream.concat(
        Stream.of(runs, sampledRuns, drops, runNanos, overheadNanos),
        Stream.concat(Stream.of(all), layers.stream())
            .flatMap(sparsity -> Stream.of(sparsity.elements(), sparsity.zeros())));
  }

  /**
   * Writes the stretches from {@code first} on.
   *
   * @param withLayers whether to write each tensor's, too
   */
  void write(JsonGenerator json, Timeline time, int first, boolean withLayers) throws IOException {
    json.writeStartObject();
    json.writeNumberField("id", id);
    json.writeStringField("name", key.model().name());
    json.writeStringField("sha256", key.model().sha256());
    json.writeStringField("graph", key.model().graph());
    json.writeStringField("arm", key.arm());
    json.writeNumberField("taps", key.taps());
    counts(json, "runs", runs, time, first);
    counts(json, "sampledRuns", sampledRuns, time, first);
    counts(json, "drops", drops, time, first);
    numbers(
        json,
        "runsPerSecond",
        p -> runs.get(p) * 1000.0 / (time.end(p) - time.start(p)),
        time,
        first);
    counts(json, "runNanos", runNanos, time, first);
    counts(json, "overheadNanos", overheadNanos, time, first);
    numbers(
        json,
        "overhead",
        p -> overheadNanos.get(p) / NANOS / (runNanos.get(p) / NANOS),
        time,
        first);
    counts(json, "elements", all.elements(), time, first);
    counts(json, "zeros", all.zeros(), time, first);
    numbers(json, "sparsity", all::at, time, first);
    if (withLayers) {
      json.writeArrayFieldStart("layers");
      for (Sparsity layer : layers) {
        json.writeStartObject();
        json.writeStringField("tensor", layer.tensor());
        numbers(json, "sparsity", layer::at, time, first);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void counts(
      JsonGenerator json, String name, CounterHistory counter, Timeline time, int first)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (int point = first; point < time.size(); point++) {
      json.writeNumber(counter.get(point));
    }
    json.writeEndArray();
  }

  /** Rounded to five digits; null where there is no number. */
  private static void numbers(
      JsonGenerator json, String name, IntToDoubleFunction value, Timeline time, int first)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (int point = first; point < time.size(); point++) {
      double number = value.applyAsDouble(point);
      if (Double.isFinite(number)) {
        json.writeNumber(Math.round(number * DIGITS) / DIGITS);
      } else {
        json.writeNull();
      }
    }
    json.writeEndArray();
  }
}
