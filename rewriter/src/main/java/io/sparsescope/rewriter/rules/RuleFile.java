package io.sparsescope.rewriter.rules;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.sparsescope.rewriter.RewriteException;
import io.sparsescope.rewriter.match.Pattern;
import io.sparsescope.rewriter.transform.Transforms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads and writes rule files; every fault names the file and the key, such as weights[0].match.
 */
final class RuleFile {
  private static final String KEYS =
      "weights, activations, gradients, intrinsic, taps, blocks, live";

  private final Path file;
  private final boolean json;

  private RuleFile(Path file) {
    this.file = file;
    this.json = file.getFileName() != null && file.getFileName().toString().endsWith(".json");
  }

  static Rules read(Path file) {
    return new RuleFile(file).rules();
  }

  private Rules rules() {
    JsonNode root = parse();
    if (root == null || root.isMissingNode() || root.isNull()) {
      return Rules.NONE;
    }
    if (!root.isObject()) {
      throw fault("the file", "is not a mapping", "write keys such as " + KEYS);
    }
    List<Rule> weights = List.of();
    List<Rule> activations = List.of();
    List<Rule> gradients = List.of();
    List<Rule> intrinsic = List.of();
    List<String> taps = List.of();
    Map<String, String> blocks = Map.of();
    Optional<Live> live = Optional.empty();
    for (Map.Entry<String, JsonNode> e : root.properties()) {
      String key = e.getKey();
      switch (key) {
        case "weights" -> weights = transforms(key, e.getValue(), true);
        case "activations" -> activations = transforms(key, e.getValue(), false);
        case "gradients" -> gradients = transforms(key, e.getValue(), false);
        case "intrinsic" -> intrinsic = transforms(key, e.getValue(), false);
        case "taps" -> taps = taps(key, e.getValue());
        case "blocks" -> blocks = blocks(key, e.getValue());
        case "live" -> live = live(key, e.getValue());
        default -> throw fault(key, "is not a key of rule files", "use one of " + KEYS);
      }
    }
    return new Rules(weights, activations, gradients, intrinsic, taps, blocks, live);
  }

  private JsonNode parse() {
    ObjectMapper mapper =
        json
            ? JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build()
            : new ObjectMapper(new YAMLFactory())
                .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    try {
      return mapper.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      String what = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new RewriteException(
          file + line + ": not " + (json ? "JSON" : "YAML") + " (" + what + "): correct it", e);
    } catch (NoSuchFileException e) {
      throw new RewriteException(file + ": no such rule file: check its path", e);
    } catch (IOException e) {
      throw new RewriteException(
          file + ": cannot be read (" + e.getMessage() + "): check that it is a readable file", e);
    }
  }

  private List<Rule> transforms(String key, JsonNode list, boolean weights) {
    List<Rule> rules = new ArrayList<>();
    for (JsonNode item : items(key, list)) {
      rules.add(rule(key + "[" + rules.size() + "]", item, weights));
    }
    return rules;
  }

  private Rule rule(String key, JsonNode item, boolean weights) {
    String allowed =
        "match, threshold, transform, compare, dynamic" + (weights ? ", bake, biases" : "");
    onlyKeys(key, item, Set.of(allowed.split(", ")), allowed);
    String match = pattern(key + ".match", item.get("match"));
    if (item.has("threshold") == item.has("transform")) {
      throw fault(
          key,
          item.has("threshold")
              ? "has both threshold and transform"
              : "has no threshold and no transform",
          "give it one of the two");
    }
    boolean orEqual = orEqual(key, item.get("compare"));
    boolean dynamic = flag(key + ".dynamic", item.get("dynamic"));
    boolean bake = flag(key + ".bake", item.get("bake"));
    if (dynamic && bake) {
      throw fault(key, "is both dynamic and bake", "keep one of the two");
    }
    boolean biases = flag(key + ".biases", item.get("biases"));
    if (item.has("threshold")) {
      double t = value(key + ".threshold", item.get("threshold"));
      return new ThresholdRule(match, t, orEqual, dynamic, bake, biases);
    }
    Path folder = file.toAbsolutePath().getParent();
    String spec = Transforms.resolved(text(key + ".transform", item.get("transform")), folder);
    try {
      return Rule.of(match, spec, orEqual, dynamic, bake, biases);
    } catch (RewriteException e) {
      throw new RewriteException(file + ": " + key + ": " + e.getMessage(), e);
    }
  }

  private double value(String key, JsonNode node) {
    return checked(key, number(key, node, Double.NaN));
  }

  private double number(String key, JsonNode node, double otherwise) {
    if (node == null) {
      return otherwise;
    }
    // YAML 1.1, which Jackson's parser follows, takes 1e-3 for text; people mean the number.
    if (!json && node.isTextual() && node.textValue().matches("[-+]?\\d+(\\.\\d*)?[eE][-+]?\\d+")) {
      return Double.parseDouble(node.textValue());
    }
    if (!node.isNumber()) {
      throw fault(key, "is not a number", "write a number such as 0.05");
    }
    return node.doubleValue();
  }

  private double checked(String key, double t) {
    if (!(t >= 0) || Double.isInfinite(t)) {
      throw fault(key, "is " + t, "write a finite number that is not negative");
    }
    return t;
  }

  private boolean orEqual(String key, JsonNode node) {
    if (node == null) {
      return false;
    }
    String text = text(key + ".compare", node);
    if (!text.equals("lt") && !text.equals("le")) {
      throw fault(key + ".compare", "is \"" + text + "\"", "write lt or le");
    }
    return text.equals("le");
  }

  private boolean flag(String key, JsonNode node) {
    if (node != null && !node.isBoolean()) {
      throw fault(key, "is neither true nor false", "write true or false");
    }
    return node != null && node.booleanValue();
  }

  private List<String> taps(String key, JsonNode list) {
    List<String> taps = new ArrayList<>();
    for (JsonNode item : items(key, list)) {
      String at = key + "[" + taps.size() + "]";
      onlyKeys(at, item, Set.of("match"), "match");
      taps.add(pattern(at + ".match", item.get("match")));
    }
    return taps;
  }

  private Map<String, String> blocks(String key, JsonNode node) {
    if (!node.isObject()) {
      throw fault(key, "is not a mapping", "write a block's name and its pattern on each line");
    }
    Map<String, String> blocks = new LinkedHashMap<>();
    node.properties()
        .forEach(e -> blocks.put(e.getKey(), pattern(key + "." + e.getKey(), e.getValue())));
    return blocks;
  }

  private Optional<Live> live(String key, JsonNode node) {
    if (node.isBoolean()) {
      return node.booleanValue() ? Optional.of(Live.DEFAULT) : Optional.empty();
    }
    if (!node.isObject()) {
      throw fault(
          key,
          "is neither true nor false nor a mapping",
          "write true, false or {fraction: 0.1, compare: 0.01}");
    }
    onlyKeys(key, node, Set.of("fraction", "compare"), "fraction, compare");
    double fraction = number(key + ".fraction", node.get("fraction"), Live.DEFAULT.fraction());
    double compare = number(key + ".compare", node.get("compare"), Live.DEFAULT.compare());
    try {
      return Optional.of(new Live(fraction, compare));
    } catch (RewriteException e) {
      throw new RewriteException(file + ": " + e.getMessage(), e);
    }
  }

  private JsonNode items(String key, JsonNode list) {
    if (!list.isArray()) {
      throw fault(key, "is not a list", "write each rule behind a dash: - {match: ...}");
    }
    return list;
  }

  private void onlyKeys(String key, JsonNode item, Set<String> allowed, String shown) {
    if (!item.isObject()) {
      throw fault(key, "is not a mapping", "write it as {match: PATTERN, ...}");
    }
    item.fieldNames()
        .forEachRemaining(
            f -> {
              if (!allowed.contains(f)) {
                throw fault(key + "." + f, "is not a key of this rule", "use " + shown);
              }
            });
  }

  private String pattern(String key, JsonNode node) {
    String text = text(key, node);
    try {
      Pattern.parse(text);
    } catch (RewriteException e) {
      throw new RewriteException(file + ": " + key + ": " + e.getMessage(), e);
    }
    return text;
  }

  private String text(String key, JsonNode node) {
    if (node == null || !node.isTextual()) {
      throw fault(key, node == null ? "is missing" : "is not text", "write it in quotes");
    }
    return node.textValue();
  }

  private RewriteException fault(String key, String what, String remedy) {
    return new RewriteException(file + ": " + key + " " + what + ": " + remedy);
  }

  static void write(Rules rules, Path file) {
    Map<String, Object> root = new LinkedHashMap<>();
    putUnlessEmpty(root, "weights", asMaps(rules.weights()));
    putUnlessEmpty(root, "activations", asMaps(rules.activations()));
    putUnlessEmpty(root, "gradients", asMaps(rules.gradients()));
    putUnlessEmpty(root, "intrinsic", asMaps(rules.intrinsic()));
    putUnlessEmpty(root, "taps", rules.taps().stream().map(t -> Map.of("match", t)).toList());
    if (!rules.blocks().isEmpty()) {
      root.put("blocks", rules.blocks());
    }
    rules.live().ifPresent(live -> root.put("live", asMap(live)));
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = null;
    try {
      temporary = Files.createTempFile(folder, ".sparsescope-", ".tmp");
      YAMLFactory yaml =
          YAMLFactory.builder().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER).build();
      Files.write(temporary, new ObjectMapper(yaml).writeValueAsBytes(root));
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      discard(temporary);
      throw new RewriteException(
          file + ": cannot be written (" + e + "): check that the folder exists and has space", e);
    }
  }

  private static void discard(Path temporary) {
    try {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // The fault that led here is the one to report.
    }
  }

  private static void putUnlessEmpty(Map<String, Object> root, String key, List<?> list) {
    if (!list.isEmpty()) {
      root.put(key, list);
    }
  }

  private static Map<String, Object> asMap(Live live) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("fraction", live.fraction());
    map.put("compare", live.compare());
    return map;
  }

  private static List<Map<String, Object>> asMaps(List<Rule> rules) {
    return rules.stream().map(RuleFile::asMap).toList();
  }

  private static Map<String, Object> asMap(Rule rule) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("match", rule.match());
    if (rule instanceof TransformRule t) {
      map.put("transform", t.transform());
    } else {
      ThresholdRule t = (ThresholdRule) rule;
      map.put("threshold", t.threshold());
      if (t.orEqual()) {
        map.put("compare", "le");
      }
      if (t.dynamic()) {
        map.put("dynamic", true);
      }
    }
    if (rule.bake()) {
      map.put("bake", true);
    }
    if (rule.biases()) {
      map.put("biases", true);
    }
    return map;
  }
}
