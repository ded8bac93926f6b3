package io.sparsescope.profile;

import static io.sparsescope.profile.Samples.counts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DriftTest {

  @Test
  void tellsDistancesAlsoInDeviationsOfTheReference() {
    // Of the first tensor 0.4 and 0.2: 0.3 in all, deviation 0.1; of the second twice 0.2.
    ModelProfile reference =
        model("a", "1", "", counts(100, 40), counts(100, 20), counts(100, 20), counts(100, 20));
    ModelProfile live =
        model("a", "1", "", counts(10, 7), counts(10, 1), counts(10, 7), counts(10, 1));

    Drift drift = Drift.between(Samples.profile(reference), Samples.profile(live));
    assertThat(drift.models()).hasSize(1);
    ModelDrift model = drift.models().get(0);
    assertThat(model.note()).isEmpty();
    TapDrift conv1 = model.taps().get(0);
    assertThat(conv1.tensor()).isEqualTo("relu1:0");
    assertThat(conv1.layer()).isEqualTo("conv1");
    assertThat(conv1.reference()).isEqualTo(0.3);
    assertThat(conv1.live()).isEqualTo(0.7);
    assertThat(conv1.distance()).isCloseTo(0.4, within(1e-12));
    assertThat(conv1.deviations()).isCloseTo(4, within(1e-9));
    TapDrift conv2 = model.taps().get(1);
    assertThat(conv2.distance()).isCloseTo(0.1, within(1e-12));
    assertThat(conv2.deviations()).isNull();
    assertThat(drift.meanDistance()).isCloseTo(0.25, within(1e-12));
    assertThat(drift.maxDistance()).isEqualTo(conv1.distance());
  }

  @Test
  void takesAModelOfTheSameNameWhereTheBytesAreOthersAndSaysSo() {
    Profile reference =
        Samples.profile(
            model("a", "1", "", counts(10, 1), counts(10, 1)),
            model("b", "2", "", counts(10, 2), counts(10, 2)),
            model("c", "3", "", counts(10, 3), counts(10, 3)));
    Profile live =
        Samples.profile(
            model("renamed", "1", "", counts(10, 1), counts(10, 1)),
            model("b", "9", "", counts(10, 2), counts(10, 2)),
            model("d", "4", "", counts(10, 4), counts(10, 4)));

    Drift drift = Drift.between(reference, live);
    assertThat(drift.models()).extracting(ModelDrift::name).containsExactly("renamed", "b");
    assertThat(drift.models().get(0).note()).isEmpty();
    assertThat(drift.models().get(1).note()).contains("other bytes");
    assertThat(drift.maxDistance()).isZero();
    assertThat(drift.onlyInReference()).containsExactly("c");
    assertThat(drift.onlyInLive()).containsExactly("d");
  }

  @Test
  void comparesArmsWithTheirOwn() {
    Profile both =
        Samples.profile(
            model("a", "1", "baseline", counts(10, 1), counts(10, 1)),
            model("a", "1", "thresholds", counts(10, 8), counts(10, 8)));
    assertThat(Drift.between(both, both).models())
        .extracting(ModelDrift::arm, ModelDrift::maxDistance)
        .containsExactly(tuple("baseline", 0.0), tuple("thresholds", 0.0));
  }

  @Test
  void listsWhatOnlyOneOfThemCounted() {
    ProfileRecorder then = recorder("a", "1", "");
    then.run();
    then.record(new Counts[] {counts(10, 1), null});
    ProfileRecorder now = recorder("a", "1", "");
    now.run();
    now.record(new Counts[] {Counts.NONE, counts(10, 1)});
    Drift drift = Drift.between(Samples.profile(then.snapshot()), Samples.profile(now.snapshot()));
    ModelDrift model = drift.models().get(0);
    assertThat(model.taps()).isEmpty();
    assertThat(model.meanDistance()).isNull();
    assertThat(model.onlyInReference()).containsExactly("relu1:0");
    assertThat(model.onlyInLive()).containsExactly("relu2:0");
    assertThat(drift.maxDistance()).isNull();
  }

  @Test
  void comparesNothingThatWasNotCounted() {
    Profile none = Samples.profile(recorder("a", "1", "").snapshot());
    Profile some = Samples.profile(model("a", "1", "", counts(10, 1), counts(10, 1)));
    assertThat(Drift.between(none, some).onlyInLive()).containsExactly("a");
    assertThat(Drift.between(some, none).onlyInReference()).containsExactly("a");
    assertThat(Drift.between(none, none).models()).isEmpty();
  }

  @Test
  void isWrittenAsJson() throws Exception {
    Profile reference = Samples.profile(model("a", "1", "", counts(4, 1), counts(4, 2)));
    Profile live = Samples.profile(model("a", "1", "", counts(4, 3), counts(4, 2)));
    JsonNode json = new ObjectMapper().readTree(Drift.between(reference, live).toJson());
    assertThat(json.path("meanDistance").asDouble()).isEqualTo(0.25);
    assertThat(json.path("maxDistance").asDouble()).isEqualTo(0.5);
    JsonNode tap = json.path("models").path(0).path("taps").path(0);
    assertThat(tap.path("tensor").asText()).isEqualTo("relu1:0");
    assertThat(tap.path("reference").asDouble()).isEqualTo(0.25);
    assertThat(tap.path("live").asDouble()).isEqualTo(0.75);
    assertThat(tap.path("deviations").isNull()).isTrue();
  }

  @Property(tries = 200)
  void isNilFromAProfileToItselfAndTheSameBothWays(@ForAll long seed) {
    Random random = new Random(seed);
    Profile a = Samples.profile(random(random));
    Profile b = Samples.profile(random(random));
    assertThat(Drift.between(a, a).models().get(0).taps())
        .allSatisfy(tap -> assertThat(tap.distance()).isZero());
    ModelDrift there = Drift.between(a, b).models().get(0);
    ModelDrift back = Drift.between(b, a).models().get(0);
    assertThat(there.onlyInLive()).isEqualTo(back.onlyInReference());
    assertThat(there.taps()).hasSameSizeAs(back.taps());
    for (int i = 0; i < there.taps().size(); i++) {
      assertThat(there.taps().get(i).distance())
          .isEqualTo(back.taps().get(i).distance())
          .isBetween(0.0, 1.0);
      assertThat(there.taps().get(i).reference()).isEqualTo(back.taps().get(i).live());
    }
  }

  private static ModelProfile random(Random random) {
    Counts[] counts = new Counts[2 + 2 * random.nextInt(5)];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = ProfileMergePropertyTest.random(random);
    }
    return model("a", "1", "", counts);
  }

  /** Two counts a run. */
  private static ModelProfile model(String name, String sha256, String arm, Counts... counts) {
    ProfileRecorder recorder = recorder(name, sha256, arm);
    for (int i = 0; i < counts.length; i += 2) {
      recorder.run();
      recorder.record(new Counts[] {counts[i], counts[i + 1]});
    }
    return recorder.snapshot();
  }

  private static ProfileRecorder recorder(String name, String sha256, String arm) {
    return new ProfileRecorder(
        new ModelInfo(name, sha256, "g", 13), arm, List.of(Samples.CONV1, Samples.CONV2), Map.of());
  }
}
