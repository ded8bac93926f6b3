package io.sparsescope.agent.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.sparsescope.profile.ModelProfile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sparsity, runs and overhead of all models over time, as differences: each point tells of its own
 * stretch of time alone. At first a stretch is as long as the time between two samples; after
 * {@value Timeline#POINTS} of them neighbours are joined and stretches are twice as long.
 *
 * <p>Of bounded size: at most {@value #MAX_MODELS} models and {@value #MAX_TAPS} tensors have a
 * history, of 13.6 KiB and 3.9 KiB each: 5.2 MiB in all, 0.2 MiB for one model of 50 tensors.
 * Models beyond that have none, and tensors beyond that count in their model's total only. Safe for
 * use by many threads.
 */
public final class History {
  /** Models that have a history. */
  static final int MAX_MODELS = 100;

  /** Tensors of all models that have a history of their own. */
  static final int MAX_TAPS = 1000;

  private static final JsonFactory JSON = new JsonFactory();

  private final Map<ModelKey, ModelHistory> models = new LinkedHashMap<>();
  private final Timeline time;
  private int nextId;

  /**
   * @param now when the first stretch begins, in ms since 1970
   * @param step time between two samples in ms
   */
  public History(long now, long step) {
    time = new Timeline(now, step);
  }

  /**
   * Adds a sample.
   *
   * @param now when it was taken, in ms since 1970
   * @param sample all that was counted up to now, as a profile has it. Counts that are smaller than
   *     at the last sample were reset in between; then what they show now was counted since.
   */
  public synchronized void add(long now, List<ModelProfile> sample) {
    if (time.isFull()) {
      time.halve();
      models.values().forEach(ModelHistory::halve);
    }
    int point = time.advance(now);
    Map<ModelKey, ModelProfile> byKey = new LinkedHashMap<>();
    sample.forEach(model -> byKey.putIfAbsent(ModelKey.of(model), model));
    byKey.forEach(
        (key, model) -> {
          ModelHistory history = historyOf(key, model, byKey.keySet());
          if (history != null) {
            history.read(point, model);
          }
        });
  }

  /** Null if there is no room. */
  private ModelHistory historyOf(ModelKey key, ModelProfile model, Set<ModelKey> present) {
    ModelHistory known = models.get(key);
    if (known != null) {
      return known;
    }
    if (models.size() >= MAX_MODELS) {
      // Models that are no longer counted make room.
      models.keySet().retainAll(present);
      if (models.size() >= MAX_MODELS) {
        return null;
      }
    }
    int used = models.values().stream().mapToInt(ModelHistory::layers).sum();
    ModelHistory added = new ModelHistory(nextId++, key, model, MAX_TAPS - used);
    models.put(key, added);
    return added;
  }

  /**
   * The history as a JSON object: {@code start} and {@code end} of the stretches (ms since 1970),
   * their usual length {@code step}, and the {@code models}, whose arrays have a value a stretch.
   *
   * @param service what runs, put in front
   * @param query which part of it
   */
  public synchronized byte[] toJson(ServiceInfo service, HistoryQuery query) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      int first = time.firstSince(query.since());
      json.writeStartObject();
      json.writeStringField("format", "sparsescope-series");
      json.writeNumberField("version", 1);
      service.write(json);
      json.writeNumberField("step", time.step());
      times(json, "start", first);
      times(json, "end", first);
      json.writeArrayFieldStart("models");
      for (ModelHistory model : models.values()) {
        boolean withLayers = query.model() == HistoryQuery.ALL || query.model() == model.id();
        model.write(json, time, first, withLayers);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void times(JsonGenerator json, String name, int first) throws IOException {
    json.writeArrayFieldStart(name);
    for (int point = first; point < time.size(); point++) {
      json.writeNumber(name.equals("start") ? time.start(point) : time.end(point));
    }
    json.writeEndArray();
  }
}
