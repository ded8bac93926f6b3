package io.sparsescope.agent.export;

import io.sparsescope.profile.Drift;
import io.sparsescope.profile.Profile;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What is served under which path. */
final class Routes {
  private static final String PAGE = "page.html";

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
    return Map.of(
        "/", request -> resource(PAGE, "text/html; charset=utf-8"),
        "/metrics", request -> prometheus.write(totals(profile.get(), drift), request.accept()),
        "/profile.json", request -> json(profile.get().toJson()),
        "/series.json", request -> json(series.apply(request.query())),
        "/drift.json",
            request ->
                drift.apply(profile.get()).map(Drift::toJson).map(Routes::json).orElse(null));
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

  private static Answer resource(String name, String contentType) throws Exception {
    try (InputStream in = Routes.class.getResourceAsStream(name)) {
      return in == null ? null : new Answer(contentType, in.readAllBytes());
    }
  }
}
