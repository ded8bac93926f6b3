package io.sparsescope.experiments.page;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.DocumentLimits;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import io.sparsescope.experiments.ExperimentException;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;

/** Turns drawings into images on white, without a screen. */
final class Raster {
  private static final int SCALE = 2;
  private static final DocumentLimits ANY_SIZE =
      new DocumentLimits(
          DocumentLimits.DEFAULT_MAX_NESTING_DEPTH,
          DocumentLimits.DEFAULT_MAX_USE_NESTING_DEPTH,
          Integer.MAX_VALUE);

  private Raster() {}

  /**
   * Makes sure that Java can write letters.
   *
   * @throws ExperimentException if it has no font, as in small containers
   */
  static void requireFonts() {
    System.setProperty("java.awt.headless", "true");
    try {
      Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
      FontRenderContext context = new FontRenderContext(null, true, true);
      if (font.canDisplay('a') && font.getStringBounds("a", context).getWidth() > 0) {
        return;
      }
    } catch (RuntimeException | LinkageError | InternalError e) { // Java has many ways to say it.
      throw noFonts(e);
    }
    throw noFonts(null);
  }

  private static ExperimentException noFonts(Throwable cause) {
    return new ExperimentException(
        "PNG pictures need a font, and Java finds none on this machine; install fontconfig and a"
            + " font (Debian: apt-get install fontconfig fonts-dejavu-core), or write SVG, which"
            + " needs none",
        cause);
  }

  /** An image with two pixels for each of the picture's. */
  static byte[] png(Picture picture) {
    BufferedImage image =
        new BufferedImage(
            SCALE * picture.width(), SCALE * picture.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D to = image.createGraphics();
    try {
      to.setColor(Color.WHITE);
      to.fillRect(0, 0, image.getWidth(), image.getHeight());
      to.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      to.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      to.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      to.scale(SCALE, SCALE);
      document(picture.svg()).render(null, to);
    } finally {
      to.dispose();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static SVGDocument document(String svg) {
    SVGDocument document =
        new SVGLoader()
            .load(
                new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)),
                null,
                LoaderContext.builder().documentLimits(ANY_SIZE).build());
    if (document == null) {
      throw new IllegalStateException("a drawing that is no SVG");
    }
    return document;
  }
}
