package io.sparsescope.agent.export;

import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.page.PageParts;
import io.sparsescope.profile.page.WebJar;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is served under which path. The live page's files are read from the jar when they are asked
 * for, so that nobody who does not look at it has them in memory.
 */
final class Routes {
  private static final String HTML = "text/html; charset=utf-8";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  /** The page's own files, beside those that it shares with report pages. */
  private static final List<String> OWN_SCRIPTS = List.of("state.js", "live.js");

  private Routes() {}

  /**
   * @param profile everything counted, as of now
   * @param series the history as JSON, by query; null if there is none
   * @param drift how far a profile is from the reference, empty if there is none
   */
  static Map<String, Route> of(
      Supplier<Profile> profile,
      Function<String, byte[]> series,
      Function<Profile, Optional<Drift>> drift) {
    PrometheusText prometheus = new PrometheusText();
    Map<String, Route> routes = page();
    routes.put(
        "/metrics", request -> prometheus.write(totals(profile.get(), drift), request.accept()));
    routes.put("/profile.json", request -> json(profile.get().toJson()));
    routes.put("/series.json", request -> json(series.apply(request.query())));
    routes.put(
        "/drift.json",
        request -> drift.apply(profile.get()).map(Drift::toJson).map(Routes::json).orElse(null));
    return routes;
  }

  /** The live page and all that it is made of. */
  private static Map<String, Route> page() {
    Map<String, Route> routes = new HashMap<>();
    routes.put("/", request -> new Answer(HTML, own("live.html")));
    routes.put("/live.css", request -> new Answer(CSS, own("live.css")));
    routes.put("/page.css", request -> new Answer(CSS, PageParts.bytes(PageParts.STYLE)));
    routes.put("/echarts.js", request -> new Answer(SCRIPT, WebJar.ECHARTS.script()));
    for (String name : PageParts.SCRIPTS) {
      routes.put("/" + name, request -> new Answer(SCRIPT, PageParts.bytes(name)));
    }
    for (String name : OWN_SCRIPTS) {
      routes.put("/" + name, request -> new Answer(SCRIPT, own(name)));
    }
    return routes;
  }

  private static LiveTotals totals(Profile profile, Function<Profile, Optional<Drift>> drift) {
    return LiveTotals.of(profile, drift.apply(profile));
  }

  private static Answer json(String text) {
    return json(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Answer json(byte[] text) {
    return text == null ? null : new Answer("application/json", text);
  }

  private static byte[] own(String name) {
    return PageParts.resource(Routes.class, name);
  }
}
