package io.sparsescope.experiments.search;

import io.sparsescope.onnx.Node;
import java.util.List;
import java.util.stream.Collectors;

/** Writes patterns that select given nodes by name and tensor, whatever characters these hold. */
final class ExactPattern {
  private ExactPattern() {}

  /** Selects the tensor at these nodes: as their output, or as a weight that they read. */
  static String of(List<Node> nodes, String tensor) {
    String names =
        nodes.stream().map(node -> regex(node.name())).distinct().collect(Collectors.joining("|"));
    String glob = glob(tensor);
    // A glob covers all under what it names; a tensor has nothing under it.
    return "re:" + names + " & tensor:" + glob + " & !tensor:" + glob + "/?**";
  }

  /** White space is written so that it neither separates terms nor is stripped. */
  private static String regex(String name) {
    StringBuilder out = new StringBuilder();
    name.codePoints()
        .forEach(
            c -> {
              if (Character.isWhitespace(c) || Character.isISOControl(c) || c == '&') {
                out.append("\\x{").append(Integer.toHexString(c)).append('}');
              } else if ("\\^$.|?*+()[]{}#".indexOf(c) >= 0) {
                out.append('\\').appendCodePoint(c);
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.toString();
  }

  private static String glob(String name) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean last = i == name.length() - 1;
      if (Character.isWhitespace(c)) {
        out.append('{').append(c).append('}');
      } else if ("\\*?{},".indexOf(c) >= 0 || (c == '/' && last)) {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
