package io.sparsescope.experiments.page;

import static java.util.Comparator.comparingDouble;

import io.sparsescope.experiments.page.PageData.Drawn;
import io.sparsescope.experiments.page.PageData.Profiled;
import io.sparsescope.experiments.page.PageData.Searched;
import io.sparsescope.experiments.page.PageData.Trained;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Says in sentences what the numbers of a page tell. */
final class PageFindings {
  private static final int NAMED = 3;

  private final List<PageFinding> all = new ArrayList<>();

  private PageFindings() {}

  static List<PageFinding> of(
      List<Profiled> profiles, List<Searched> searches, List<Trained> series, List<Drawn> graphs) {
    PageFindings findings = new PageFindings();
    profiles.forEach(findings::profile);
    for (int i = 1; i < profiles.size(); i++) {
      findings.change(profiles.get(0), profiles.get(i));
    }
    searches.forEach(findings::search);
    series.forEach(findings::series);
    graphs.forEach(findings::cut);
    return List.copyOf(findings.all);
  }

  private void profile(Profiled profiled) {
    ModelProfile model = profiled.model();
    String about = profiled.label();
    List<TapProfile> counted =
        activations(model).stream().filter(t -> t.sparsity() != null).toList();
    if (!counted.isEmpty()) {
      say(
          about,
          "%s of all activation elements are zero, over %s in %s."
              .formatted(
                  percent(
                      (double) sum(counted, TapProfile::zeros)
                          / sum(counted, TapProfile::elements)),
                  plural(model.sampledRuns(), "counted run"),
                  plural(counted.size(), "tensor")));
    }
    Collection<TapProfile> named = byName(counted).values();
    if (named.size() > 1) {
      List<TapProfile> sorted =
          named.stream().sorted(comparingDouble(TapProfile::sparsity).reversed()).toList();
      say(about, "The sparsest activations are %s.".formatted(named(sorted)));
      List<TapProfile> least = new ArrayList<>(sorted);
      Collections.reverse(least);
      say(about, "The least sparse are %s.".formatted(named(least)));
    }
    dead(about, counted);
    long nan = sum(model.taps(), TapProfile::nan) + sum(model.taps(), TapProfile::nanRuns);
    if (nan > 0) {
      List<TapProfile> held = model.taps().stream().filter(t -> t.nan() + t.nanRuns() > 0).toList();
      say(
          about,
          "NaN was met in %s, first in %s."
              .formatted(plural(held.size(), "tensor"), name(held.get(0))));
    }
    if (model.total().weightElements() > 0) {
      String weights = count(model.total().weightElements());
      say(
          about,
          model.total().weightZeros() == 0
              ? "None of the %s weights is zero.".formatted(weights)
              : "%s of the %s weights are zero."
                  .formatted(percent(model.total().weightSparsity()), weights));
    }
  }

  private void dead(String about, List<TapProfile> counted) {
    List<TapProfile> known = counted.stream().filter(t -> t.channels() != null).toList();
    long channels = sum(known, TapProfile::channels);
    long dead = sum(known, t -> t.deadChannels().size());
    if (known.isEmpty()) {
      return;
    }
    if (dead == 0) {
      say(
          about,
          "No channel of %s was zero in all runs.".formatted(plural(known.size(), "tensor")));
      return;
    }
    TapProfile most =
        known.stream().max(comparingDouble(t -> t.deadChannels().size())).orElseThrow();
    say(
        about,
        "%s of %s channels were zero in all runs, most of them in %s (%d of %d)."
            .formatted(
                count(dead),
                count(channels),
                name(most),
                most.deadChannels().size(),
                most.channels()));
  }

  private void change(Profiled first, Profiled other) {
    Map<String, TapProfile> before = byName(activations(first.model()));
    TapProfile most = null;
    double furthest = 0;
    int shared = 0;
    for (TapProfile tap : byName(activations(other.model())).values()) {
      TapProfile old = before.get(name(tap));
      if (old != null && old.sparsity() != null && tap.sparsity() != null) {
        shared++;
        double moved = tap.sparsity() - old.sparsity();
        if (most == null || Math.abs(moved) > Math.abs(furthest)) {
          most = tap;
          furthest = moved;
        }
      }
    }
    if (most != null) {
      say(
          other.label(),
          furthest == 0
              ? "The sparsity of all %s shared with %s is the same."
                  .formatted(plural(shared, "activation"), first.label())
              : "Against %s, sparsity moved most in %s: by %s points, to %s."
                  .formatted(
                      first.label(),
                      name(most),
                      String.format(Locale.ROOT, "%+.2f", 100 * furthest),
                      percent(most.sparsity())));
    }
  }

  private void search(Searched searched) {
    SearchResult result = searched.result();
    String about = searched.label();
    if (result.total().sparsity() == null) {
      return;
    }
    Double relative = result.relativeAccuracy();
    say(
        about,
        "Thresholds make %s of the %s zero (%s before) and keep %s, over %s."
            .formatted(
                percent(result.total().sparsity()),
                result.on(),
                percent(result.total().denseSparsity()),
                relative == null
                    ? result.metric() + " at " + percent(result.accuracy())
                    : percent(relative) + " of the dense model's " + result.metric(),
                plural(result.samples(), "record")));
    List<LayerResult> worth =
        result.layers().stream()
            .filter(l -> l.zeros() > l.denseZeros())
            .sorted(comparingDouble(l -> (double) l.denseZeros() - l.zeros()))
            .toList();
    if (!worth.isEmpty()) {
      say(
          about,
          "Most zeros are gained in %s."
              .formatted(
                  worth.stream()
                      .limit(NAMED)
                      .map(
                          l ->
                              "%s (threshold %s, %s zero)"
                                  .formatted(
                                      l.layer(), number(l.threshold()), percent(l.sparsity())))
                      .collect(Collectors.joining(", "))));
    }
    long without = result.layers().stream().filter(l -> l.threshold() == 0).count();
    if (without > 0) {
      say(
          about,
          "No threshold of the grid is without loss in %d of %s."
              .formatted(without, plural(result.layers().size(), result.by())));
    }
  }

  private void series(Trained trained) {
    String about = trained.label();
    if (trained.finalSparsity() != null) {
      say(
          about,
          "Near the end of training %s of all gradient elements are zero (the last tenth of %s)."
              .formatted(
                  percent(trained.finalSparsity()), plural(trained.counted(), "counted step")));
    }
    if (trained.accuracy().length > 0) {
      double last = trained.accuracy()[trained.accuracy().length - 1];
      Double base = trained.baselineAccuracy();
      say(
          about,
          "The accuracy at the end is %s%s."
              .formatted(
                  percent(last),
                  base == null || base == 0
                      ? ""
                      : ", " + percent(last / base) + " of the baseline's"));
    }
  }

  private void cut(Drawn drawn) {
    if (drawn.cuts().isEmpty() || drawn.cuts().get(0).parts() != 2) {
      return;
    }
    LayerGraph.Plan best = drawn.cuts().get(0).plans().get(0);
    LayerGraph graph = drawn.graph();
    int place = best.places().get(0);
    say(
        graph.model(),
        "Cut into two parts before %s, %s a %s cross instead of %s if zeros are not sent."
            .formatted(
                graph.vertices().get(place).name(),
                bytes(best.sent()),
                graph.unit(),
                bytes(best.dense())));
  }

  private void say(String about, String text) {
    all.add(new PageFinding(about, text));
  }

  static List<TapProfile> activations(ModelProfile model) {
    return model.taps().stream().filter(t -> t.kind() == TapKind.ACTIVATION).toList();
  }

  /** Of several tensors of a layer the last, which is its activation. */
  private static Map<String, TapProfile> byName(List<TapProfile> taps) {
    Map<String, TapProfile> all = new LinkedHashMap<>();
    taps.forEach(t -> all.put(name(t), t));
    return all;
  }

  private static String named(List<TapProfile> sorted) {
    return sorted.stream()
        .limit(NAMED)
        .map(t -> name(t) + " (" + percent(t.sparsity()) + ")")
        .collect(Collectors.joining(", "));
  }

  private static String name(TapProfile tap) {
    return tap.layer().isEmpty() ? tap.node() : tap.layer();
  }

  private static <T> long sum(List<T> of, ToLongFunction<T> part) {
    return of.stream().mapToLong(part).sum();
  }

  /** Never 0 or 100 % for what is not quite so. */
  static String percent(double share) {
    String text = String.format(Locale.ROOT, "%.1f %%", 100 * share);
    if (text.equals("0.0 %") && share > 0) {
      return "under 0.1 %";
    }
    return text.equals("100.0 %") && share < 1 ? "over 99.9 %" : text;
  }

  private static String number(double value) {
    return value == 0 ? "none" : Double.toString(value).replaceAll("\\.0$", "");
  }

  static String bytes(long bytes) {
    if (bytes < 1000) {
      return plural(bytes, "byte");
    }
    double value = bytes;
    int unit = -1;
    while (value >= 999.5 && unit < 3) {
      value /= 1000;
      unit++;
    }
    return String.format(
        Locale.ROOT,
        value < 10 ? "%.1f %s" : "%.0f %s",
        value,
        List.of("KB", "MB", "GB", "TB").get(unit));
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String plural(long n, String what) {
    return count(n) + " " + what + (n == 1 ? "" : "s");
  }
}
