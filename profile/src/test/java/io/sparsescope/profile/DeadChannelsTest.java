package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DeadChannelsTest {
  private static final int CHANNELS = 70;

  /** One tap counted by channel in every run, one in none, one now and then. */
  @Property(tries = 200)
  void addUpInAnyOrderToWhatOneProcessWouldHaveSeen(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int processes) {
    Random random = new Random(seed);
    ProfileRecorder whole = Samples.recorder();
    List<Profile> parts = new ArrayList<>();
    TreeSet<Integer> dead = new TreeSet<>();
    for (int c = 0; c < CHANNELS; c++) {
      dead.add(c);
    }
    long counted = 0;
    boolean always = true;
    long thirdCounted = 0;
    for (int p = 0; p < processes; p++) {
      ProfileRecorder part = Samples.recorder();
      List<Profile> intervals = new ArrayList<>();
      for (int r = random.nextInt(6); r > 0; r--) {
        boolean[] alive = new boolean[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
          alive[c] = random.nextInt(8) == 0;
        }
        Counts first =
            random.nextInt(4) == 0
                ? Counts.HELD_NAN
                : random.nextInt(4) == 0 ? Counts.NONE : new Counts(CHANNELS, 5, 1);
        ChannelSet set = ChannelSet.of(CHANNELS, c -> alive[c]);
        ChannelSet now = random.nextInt(6) == 0 ? null : set;
        Counts[] counts = {first, new Counts(4, 1, 0), new Counts(4, 2, 0)};
        ChannelSet[] channels = {set, null, now};
        for (ProfileRecorder recorder : List.of(whole, part)) {
          recorder.run();
          recorder.record(counts, channels, new Histogram[counts.length]);
        }
        if (first.elements() > 0) {
          counted++;
          for (int c = 0; c < CHANNELS; c++) {
            if (alive[c]) {
              dead.remove(c);
            }
          }
        }
        thirdCounted++;
        always &= now != null;
        if (random.nextBoolean()) {
          intervals.add(written(part.takeInterval()));
        }
      }
      intervals.add(written(part.takeInterval()));
      Profile all = Profile.merge(intervals);
      assertThat(channels(all)).isEqualTo(channels(Samples.profile(part.snapshot())));
      parts.add(all);
    }
    Collections.shuffle(parts, random);
    List<TapProfile> merged = Profile.merge(parts).models().get(0).taps();
    assertThat(merged.get(0).deadChannels()).isEqualTo(counted == 0 ? null : List.copyOf(dead));
    assertThat(merged.get(0).channels()).isEqualTo(counted == 0 ? null : (Integer) CHANNELS);
    assertThat(merged.get(1).channels()).isNull();
    assertThat(merged.get(2).channels())
        .isEqualTo(thirdCounted > 0 && always ? (Integer) CHANNELS : null);
    assertThat(channels(Profile.merge(parts)))
        .isEqualTo(channels(Samples.profile(whole.snapshot())));
  }

  @Test
  void countsOfDifferentNumbersOfChannelsDoNotMerge() {
    Profile three = Samples.profile(recorded(3, 0, 1).snapshot());
    Profile four = Samples.profile(recorded(4, 0).snapshot());
    TapProfile merged = Profile.merge(List.of(three, four)).models().get(0).taps().get(0);
    assertThat(merged.runs()).isEqualTo(2);
    assertThat(merged.channels()).isNull();
    assertThat(merged.deadChannels()).isNull();
  }

  @Test
  void areForgottenAtAReset() {
    ProfileRecorder recorder = recorded(3);
    assertThat(tap(recorder).deadChannels()).isEmpty();
    recorder.reset();
    assertThat(tap(recorder).channels()).isNull();
    record(recorder, 3, 2);
    assertThat(tap(recorder).deadChannels()).containsExactly(2);
  }

  @Test
  void areLeftOutOfTheFileWhereTheyWereNotCounted() throws Exception {
    ProfileRecorder recorder = recorded(3, 0, 2);
    JsonNode taps = json(Samples.profile(recorder.snapshot())).at("/models/0/taps");
    assertThat(taps.at("/0/channels").asInt()).isEqualTo(3);
    assertThat(taps.at("/0/deadChannels").toString()).isEqualTo("[0,2]");
    assertThat(taps.get(1).has("channels")).isFalse();
    assertThat(taps.get(1).has("deadChannels")).isFalse();
  }

  @Test
  void aFileWithImpossibleChannelsIsDamaged() {
    String json = Samples.profile(recorded(3, 0, 2).snapshot()).toJson();
    for (String wrong : List.of("[ 2, 0 ]", "[ 0, 3 ]", "[ -1 ]", "[ 0, 0 ]", "null")) {
      String damaged = json.replace("\"deadChannels\" : [ 0, 2 ]", "\"deadChannels\" : " + wrong);
      assertThat(damaged).isNotEqualTo(json);
      assertThatThrownBy(() -> Profile.parse("p", damaged))
          .isInstanceOf(ProfileException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void driftTellsWhichDiedAndWhichRevived() throws Exception {
    Profile then = Samples.profile(recorded(6, 0, 1, 4).snapshot());
    Profile now = Samples.profile(recorded(6, 1, 2, 3, 5).snapshot());
    Drift drift = Drift.between(then, now);
    TapDrift tap = drift.models().get(0).taps().get(0);
    assertThat(tap.deadChannels()).isEqualTo(4);
    assertThat(tap.newlyDead()).containsExactly(2, 3, 5);
    assertThat(tap.revived()).containsExactly(0, 4);
    JsonNode taps = new ObjectMapper().readTree(drift.toJson()).at("/models/0/taps");
    assertThat(taps.at("/0/deadChannels").asInt()).isEqualTo(4);
    assertThat(taps.at("/0/newlyDead").toString()).isEqualTo("[2,3,5]");
    assertThat(taps.get(1).has("deadChannels")).isFalse();
  }

  @Test
  void driftTellsOnlyWhatIsDeadNowWhereTheReferenceDidNotCountTheSameChannels() {
    Profile now = Samples.profile(recorded(6, 1).snapshot());
    ProfileRecorder without = Samples.recorder();
    without.run();
    without.record(new Counts[] {new Counts(8, 1, 0), null, null});
    for (Profile then :
        List.of(Samples.profile(without.snapshot()), Samples.profile(recorded(7, 1).snapshot()))) {
      TapDrift tap = Drift.between(then, now).models().get(0).taps().get(0);
      assertThat(tap.deadChannels()).isEqualTo(1);
      assertThat(tap.newlyDead()).isNull();
      assertThat(tap.revived()).isNull();
    }
  }

  private static ProfileRecorder recorded(int channels, Integer... dead) {
    ProfileRecorder recorder = Samples.recorder();
    record(recorder, channels, dead);
    return recorder;
  }

  private static void record(ProfileRecorder recorder, int channels, Integer... dead) {
    recorder.run();
    recorder.record(
        new Counts[] {new Counts(8, 1, 0), new Counts(8, 1, 0), null},
        new ChannelSet[] {ChannelSet.of(channels, c -> !List.of(dead).contains(c)), null, null},
        new Histogram[3]);
  }

  private static TapProfile tap(ProfileRecorder recorder) {
    return recorder.snapshot().taps().get(0);
  }

  private static Profile written(ModelProfile model) {
    return Profile.parse("p", Samples.profile(model).toJson());
  }

  private static Map<String, String> channels(Profile profile) {
    Map<String, String> channels = new TreeMap<>();
    profile
        .models()
        .get(0)
        .taps()
        .forEach(tap -> channels.put(tap.tensor(), tap.channels() + " " + tap.deadChannels()));
    return channels;
  }

  private static JsonNode json(Profile profile) throws Exception {
    return new ObjectMapper().readTree(profile.toJson());
  }
}
