package io.sparsescope.rewriter;

import io.sparsescope.rewriter.match.Candidate;
import io.sparsescope.rewriter.match.Candidates;
import io.sparsescope.rewriter.match.Layer;
import io.sparsescope.rewriter.match.Layers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Named sets of layers: from patterns, or, where there are none, from the layers' scopes. The scope
 * of {@code layer1/layer1.0/conv1} is {@code layer1/layer1.0}; what all names have in front of them
 * is left away, since it tells nothing, and so is a scope of one layer.
 */
final class Blocks {
  private final Map<String, List<String>> layersByBlock = new LinkedHashMap<>();
  private final Map<String, String> blockByLayer = new HashMap<>();

  static Blocks of(
      Map<String, String> patterns, Layers layers, String model, boolean allowUnmatched) {
    Blocks blocks = new Blocks();
    if (patterns.isEmpty()) {
      blocks.addScopes(layers.all());
      return blocks;
    }
    List<Map.Entry<String, String>> rules = List.copyOf(patterns.entrySet());
    Selection<Map.Entry<String, String>> selection = new Selection<>(rules, Map.Entry::getValue);
    patterns.keySet().forEach(b -> blocks.layersByBlock.put(b, new ArrayList<>()));
    for (Layer l : layers.all()) {
      selection
          .select(Stream.of(Candidates.layer(l)))
          .ifPresent(rule -> blocks.add(rule.getKey(), l));
    }
    if (!allowUnmatched) {
      List<Candidate> candidates = layers.all().stream().map(Candidates::layer).toList();
      selection.requireAllMatched(model, "blocks", candidates);
    }
    return blocks;
  }

  private void addScopes(List<Layer> layers) {
    List<String> scopes =
        layers.stream()
            .map(l -> l.name().substring(0, Math.max(0, l.name().lastIndexOf('/'))))
            .toList();
    // Embeddings have scopes of their own; what the others have in common is no matter of theirs.
    String common =
        commonPrefix(
            IntStream.range(0, scopes.size())
                .filter(i -> !scopes.get(i).isEmpty() && !layers.get(i).isEmbedding())
                .mapToObj(scopes::get)
                .toList());
    List<String> names = scopes.stream().map(s -> withoutPrefix(s, common)).toList();
    Map<String, Integer> members = new HashMap<>();
    names.forEach(name -> members.merge(name, 1, Integer::sum));
    for (int i = 0; i < layers.size(); i++) {
      if (!names.get(i).isEmpty() && members.get(names.get(i)) > 1) {
        add(names.get(i), layers.get(i));
      }
    }
  }

  private static String withoutPrefix(String scope, String prefix) {
    return (scope + "/").equals(prefix)
        ? ""
        : scope.substring(scope.startsWith(prefix) ? prefix.length() : 0);
  }

  /** The whole segments that all scopes begin with, each with its slash. */
  private static String commonPrefix(List<String> scopes) {
    if (scopes.isEmpty()) {
      return "";
    }
    String prefix = scopes.get(0) + "/";
    for (String s : scopes) {
      String scope = s + "/";
      int same = 0;
      for (int i = 0; i < Math.min(prefix.length(), scope.length()); i++) {
        if (prefix.charAt(i) != scope.charAt(i)) {
          break;
        }
        same = scope.charAt(i) == '/' ? i + 1 : same;
      }
      prefix = prefix.substring(0, same);
    }
    return prefix;
  }

  private void add(String block, Layer layer) {
    layersByBlock.computeIfAbsent(block, b -> new ArrayList<>()).add(layer.name());
    blockByLayer.put(layer.name(), block);
  }

  /** The block of a layer, "" if none. */
  String of(String layer) {
    return blockByLayer.getOrDefault(layer, "");
  }

  Map<String, List<String>> asMap() {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    layersByBlock.forEach((b, l) -> copy.put(b, List.copyOf(l)));
    return Collections.unmodifiableMap(copy);
  }
}
