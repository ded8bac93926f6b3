package io.sparsescope.agent.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A YAML file of options. A class of its own, so that YAML is loaded only if there is one. */
final class ConfigFile {
  private ConfigFile() {}

  static Map<String, String> read(String config) {
    Map<String, Object> tree = readYaml(config);
    List<String> keys =
        AgentOptions.KEYS.stream().filter(key -> !key.equals(AgentOptions.CONFIG)).toList();
    Map<String, String> values = new LinkedHashMap<>();
    tree.forEach(
        (key, value) -> {
          OptionSources.requireKnown(key, config, keys);
          values.put(key, scalar(config, key, value));
        });
    return values;
  }

  private static Map<String, Object> readYaml(String config) {
    YAMLMapper mapper = new YAMLMapper();
    JsonNode tree;
    try {
      tree = mapper.readTree(Files.readString(Path.of(config)));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new OptionException(
          config + ": not YAML, see line " + line + "; write KEY: VALUE lines", e);
    } catch (IOException | InvalidPathException e) {
      throw new OptionException(
          config
              + ": cannot be read ("
              + e.getClass().getSimpleName()
              + "); name a file of options",
          e);
    }
    if (tree == null || tree.isMissingNode() || tree.isNull()) {
      return Map.of();
    }
    if (!tree.isObject()) {
      throw new OptionException(config + ": holds no options; write KEY: VALUE lines");
    }
    return mapper.convertValue(tree, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** A list, for instance of patterns, is what {@code ;} joins elsewhere. */
  private static String scalar(String config, String key, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(item -> scalar(config, key, item)).collect(Collectors.joining(";"));
    }
    if (value == null || value instanceof Map) {
      throw new OptionException(config + ": " + key + " has no value; write " + key + ": VALUE");
    }
    // YAML reads off as a boolean.
    return Boolean.FALSE.equals(value) ? "off" : String.valueOf(value).strip();
  }
}
