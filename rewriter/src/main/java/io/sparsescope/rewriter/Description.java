package io.sparsescope.rewriter;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a rewrite did, as JSON for the model's metadata. */
final class Description {
  private Description() {}

  static String json(
      List<Tap> taps,
      List<Threshold> thresholds,
      List<Transformation> transformations,
      List<Skip> skipped) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("taps", taps.stream().map(Description::tap).toList());
    root.put("thresholds", thresholds.stream().map(Description::threshold).toList());
    if (!transformations.isEmpty()) {
      root.put("transforms", transformations.stream().map(Description::transformation).toList());
    }
    root.put("skipped", skipped.stream().map(Description::skip).toList());
    try {
      return new ObjectMapper().writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings and numbers are always JSON", e);
    }
  }

  private static Map<String, Object> tap(Tap t) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("node", t.node());
    m.put("op", t.op());
    m.put("tensor", t.tensor());
    m.put("layer", t.layer());
    m.put("block", t.block());
    m.put("type", t.type().label());
    m.put("row", t.row());
    m.put("output", t.output());
    m.put("zeroPoint", t.zeroPoint());
    if (t.channels() > 0) {
      m.put("channels", t.channels());
      m.put("channelsAt", t.channelsAt());
    }
    return m;
  }

  private static Map<String, Object> threshold(Threshold t) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("node", t.node());
    m.put("tensor", t.tensor());
    m.put("kind", t.kind());
    m.put("value", t.value());
    m.put("compare", t.orEqual() ? "le" : "lt");
    m.put("input", t.input());
    m.put("baked", t.baked());
    return m;
  }

  private static Map<String, Object> transformation(Transformation t) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("node", t.node());
    m.put("tensor", t.tensor());
    m.put("kind", t.kind());
    m.put("transform", t.transform());
    m.put("baked", t.baked());
    return m;
  }

  private static Map<String, Object> skip(Skip s) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("node", s.node());
    m.put("tensor", s.tensor());
    m.put("reason", s.reason());
    return m;
  }
}
