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
    return resource(PageParts.class, name);
  }

  /** A part as text, its lines ended by line feeds. */
  public static String text(String name) {
    return text(bytes(name));
  }

  /** UTF-8 as text, its lines ended by line feeds. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  /**
   * A part that one page has for itself.
   *
   * @param owner the class that it lies beside
   * @param name its file, or a path from the class path's root
   * @return UTF-8
   * @throws IllegalStateException if there is none of that name
   */
  public static byte[] resource(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
