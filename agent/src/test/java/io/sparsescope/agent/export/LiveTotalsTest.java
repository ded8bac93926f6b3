package io.sparsescope.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapProfile;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LiveTotalsTest {
  private static final String OTHER_SHA = "f".repeat(64);

  @Test
  void keepsModelsOfOneNameApart() {
    LiveTotals totals =
        LiveTotals.of(
            Profiles.of(
                Profiles.model("m", Profiles.SHA, "", List.of(Profiles.tap("l", "t", 10, 1, 0))),
                Profiles.model("m", OTHER_SHA, "", List.of(Profiles.tap("l", "t", 10, 2, 0)))));

    assertThat(totals.models()).hasSize(2);
    assertThat(totals.taps().values())
        .extracting(TapTotals::counts)
        .containsExactly(new Counts(10, 1, 0), new Counts(10, 2, 0));
  }

  @Test
  void addsUpWhatHasTheSameLabels() {
    // Instrumented in one session, run as it is in another: two entries of a profile.
    LiveTotals totals =
        LiveTotals.of(
            Profiles.of(
                Profiles.model(
                    "m",
                    Profiles.SHA,
                    "",
                    List.of(Profiles.tap("l", "t", 10, 1, 0), Profiles.tap("l", "t", 20, 3, 1))),
                Profiles.model("m", Profiles.SHA, "", List.of())));

    assertThat(totals.models().values())
        .singleElement()
        .satisfies(
            model -> {
              assertThat(model.sessions()).isEqualTo(4);
              assertThat(model.runs()).isEqualTo(20);
              assertThat(model.sampledRuns()).isEqualTo(10);
              assertThat(model.cost().runNanos()).isEqualTo(5_000_000_000L);
            });
    assertThat(totals.taps().values())
        .containsExactly(new TapTotals(new Counts(30, 4, 1), 14, null));
  }

  @Test
  void addsUpDeadChannelsOfTheTensorsThatCountThem() {
    LiveTotals totals =
        LiveTotals.of(
            Profiles.of(
                Profiles.model(
                    "m", Profiles.SHA, "", List.of(dead("t1", 0, 5), dead("t2"), dead("t1", 3)))));

    assertThat(Metric.DEAD_CHANNELS.points(totals))
        .extracting(point -> point.labels().values().get("tensor"), Point::value)
        .containsExactly(tuple("t1", 3L), tuple("t2", 0L));
    LiveTotals without =
        LiveTotals.of(
            Profiles.of(
                Profiles.model("m", Profiles.SHA, "", List.of(Profiles.tap("l1", "t1", 8, 6, 0)))));
    assertThat(Metric.DEAD_CHANNELS.points(without)).isEmpty();
  }

  private static TapProfile dead(String tensor, Integer... channels) {
    TapProfile tap = Profiles.tap("l", tensor, 8, 6, 0);
    return new TapProfile(
        tap.node(),
        tap.op(),
        tap.tensor(),
        tap.layer(),
        tap.block(),
        tap.kind(),
        tap.type(),
        tap.runs(),
        tap.elements(),
        tap.zeros(),
        tap.nan(),
        tap.perRun(),
        tap.nanRuns(),
        6,
        List.of(channels),
        null);
  }

  @Test
  void foldsTensorsPastTheLimitIntoOneSeriesAModelAndLosesNoCount() {
    ModelProfile first = model("first", 1990);
    ModelProfile second = model("second", 510);
    ModelProfile third = model("third", 7);

    LiveTotals totals = LiveTotals.of(Profiles.of(first, second, third));

    assertThat(totals.taps()).hasSize(LiveTotals.MAX_TAPS + 2);
    assertThat(totals.models().values())
        .extracting(ModelTotals::folded)
        .containsExactly(0L, 500L, 7L);
    LabelSet other =
        LabelSet.NONE
            .and("model", "second")
            .and("sha256", Profiles.SHA.substring(0, 12))
            .and("layer", "(other)");
    // Tap i has 100 + i elements, i % 100 of them zeros; 10 of the second model's are not folded.
    assertThat(totals.taps().get(other).counts())
        .isEqualTo(
            new Counts(
                IntStream.range(10, 510).mapToLong(i -> 100 + i).sum(),
                IntStream.range(10, 510).mapToLong(i -> i % 100).sum(),
                0));
    assertThat(totals.taps().values().stream().mapToLong(t -> t.counts().zeros()).sum())
        .isEqualTo(
            List.of(first, second, third).stream()
                .flatMap(model -> model.taps().stream())
                .mapToLong(TapProfile::zeros)
                .sum());
  }

  @Test
  void cutsLongNamesAndKeepsThemDifferent() {
    String prefix = "x".repeat(500);
    LabelSet a = LabelSet.NONE.and("layer", prefix + "a");
    LabelSet b = LabelSet.NONE.and("layer", prefix + "b");

    assertThat(a).isNotEqualTo(b);
    assertThat(a.values().get("layer")).hasSize(LabelSet.MAX_LENGTH).startsWith("xxx");
  }

  @Test
  void cutsNoCharacterInTwo() {
    String value = LabelSet.NONE.and("layer", "\ud83d\ude00".repeat(300)).values().get("layer");

    assertThat(value.length()).isLessThanOrEqualTo(LabelSet.MAX_LENGTH);
    assertThat(value.codePoints()).noneMatch(c -> c >= 0xd800 && c <= 0xdfff);
  }

  private static ModelProfile model(String name, int taps) {
    return Profiles.model(
        name,
        Profiles.SHA,
        "",
        IntStream.range(0, taps)
            .mapToObj(i -> Profiles.tap("layer" + i, "tensor" + i, 100 + i, i % 100, 0))
            .toList());
  }
}
