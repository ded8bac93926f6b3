package io.sparsescope.experiments.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.profile.page.PageParts;
import io.sparsescope.profile.page.WebJar;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.ScriptableObject;

/**
 * Draws the page's plots by the page's own scripts, in a JavaScript engine that reaches nothing of
 * Java. What files hold is data to them, never part of a script.
 */
final class PictureScript {
  private static final JsonMapper MAPPER = new JsonMapper();

  private PictureScript() {}

  /**
   * Draws all plots that a page of the data has.
   *
   * @param json the page's data
   * @throws ExperimentException if they cannot be drawn
   */
  static List<Picture> draw(String json) {
    try (Context context = Context.enter()) {
      context.setInterpretedMode(true);
      context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
      ScriptableObject scope = context.initSafeStandardObjects();
      context.evaluateString(
          scope, new String(WebJar.ECHARTS.script(), StandardCharsets.UTF_8), "echarts", 1, null);
      context.evaluateString(scope, Template.drawing(), "pictures", 1, null);
      Function pictures = (Function) ScriptableObject.getProperty(scope, "pictures");
      Object drawn =
          pictures.call(
              context, scope, scope, new Object[] {json, PageParts.text(PageParts.STYLE)});
      return MAPPER.readValue(drawn.toString(), new TypeReference<>() {});
    } catch (RhinoException | JsonProcessingException e) {
      throw new ExperimentException(
          "the plots cannot be drawn (" + e.getMessage().lines().findFirst().orElse("") + ")", e);
    }
  }
}
