package io.sparsescope.profile.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The parts that pages share. They are read each time they are asked for; nothing is kept. */
public final class PageParts {
  /** The style sheet. */
  public static final String STYLE = "page.css";

  /** Scripts, in the order in which a page must have them, behind {@link WebJar#ECHARTS}. */
  public static final List<String> SCRIPTS =
      List.of("words.js", "dom.js", "figures.js", "table.js", "plots.js");

  private PageParts() {}

  /**
   * A part.
   *
   * @param name {@link #STYLE} or one of {@link #SCRIPTS}
   * @return UTF-8
   * @throws IllegalStateException if there is none of that name
   */
  public static byte[] bytes(String name) {
    return resource("/io/sparsescope/profile/page/" + name);
  }

  /** A part as text, its lines ended by line feeds. */
  public static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  static byte[] resource(String path) {
    try (InputStream in = PageParts.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException(path + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
