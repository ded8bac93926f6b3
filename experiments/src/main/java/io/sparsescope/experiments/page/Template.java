package io.sparsescope.experiments.page;

import io.sparsescope.profile.page.PageParts;
import io.sparsescope.profile.page.WebJar;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * Puts the page together. Its policy lets run the scripts that are part of it, by their SHA-256,
 * and nothing else; nothing is loaded from anywhere.
 */
final class Template {
  private static final List<String> SCRIPTS =
      List.of("tables.js", "overview.js", "history.js", "graph.js", "compare.js", "main.js");

  private static final List<WebJar> LIBRARIES =
      List.of(
          WebJar.ECHARTS,
          new WebJar("d3", "7.9.0", "dist/d3.min.js", "D3, zoom and curves, ISC"),
          new WebJar("dagre", "0.8.4", "dist/dagre.min.js", "dagre, layout of graphs, MIT"));

  private Template() {}

  /**
   * The page.
   *
   * @param title plain text
   * @param json the data
   */
  static String page(String title, String json) {
    StringBuilder scripts = new StringBuilder();
    StringBuilder hashes = new StringBuilder();
    StringBuilder licences = new StringBuilder();
    for (WebJar library : LIBRARIES) {
      add(source(library), scripts, hashes);
      licences.append(library.about()).append(" (").append(library.version()).append(")\n\n");
      licences.append(library.licence()).append("\n\n\n");
    }
    StringBuilder script = new StringBuilder("'use strict';\n");
    PageParts.SCRIPTS.forEach(part -> script.append(PageParts.text(part)));
    SCRIPTS.forEach(file -> script.append(own(file)));
    add(script.toString(), scripts, hashes);
    StringBuilder page = new StringBuilder();
    for (String part : own("page.html").split("(?=\\{\\{)|(?<=}})")) {
      page.append(
          switch (part) {
            case "{{hashes}}" -> hashes.toString();
            case "{{title}}" -> text(title);
            case "{{style}}" -> PageParts.text(PageParts.STYLE) + own("report.css");
            case "{{licences}}" -> text(licences.toString());
            case "{{data}}" -> inScript(json);
            case "{{scripts}}" -> scripts.toString();
            default -> part;
          });
    }
    return page.toString();
  }

  /** Without the address of its source map, which browsers would look for. */
  private static String source(WebJar library) {
    String script = PageParts.text(library.script());
    int map = script.lastIndexOf("\n//# sourceMappingURL=");
    return (map < 0 ? script : script.substring(0, map)).strip();
  }

  /** What draws the page's plots, for an engine of scripts. */
  static String drawing() {
    return PageParts.text("words.js") + PageParts.text("figures.js") + own("pictures.js");
  }

  private static void add(String source, StringBuilder scripts, StringBuilder hashes) {
    for (int at = source.indexOf("</"); at >= 0; at = source.indexOf("</", at + 2)) {
      if (source.regionMatches(true, at + 2, "script", 0, 6)) {
        throw new IllegalStateException("a script that ends itself");
      }
    }
    scripts.append("<script>").append(source).append("</script>\n");
    hashes.append(" 'sha256-").append(sha256(source)).append('\'');
  }

  /** JSON that no HTML parser takes for markup: these characters stand in strings only. */
  static String inScript(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static String text(String plain) {
    return plain
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String sha256(String source) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static String own(String name) {
    return PageParts.text(PageParts.resource(Template.class, name));
  }
}
