package io.sparsescope.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.config.LogLevel;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.ProfileException;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntervalWriterTest {
  @TempDir Path folder;

  private final ProfileRecorder recorder =
      new ProfileRecorder(
          new ModelInfo("net.onnx", "ab".repeat(32), "main", 13),
          List.of(new TapInfo("relu", "Relu", "y", "fc", "", TapKind.ACTIVATION, "float32")),
          Map.of());

  private Instant now = Instant.parse("2026-12-31T23:59:00.250Z");
  private long failures;

  @Test
  void writesEachIntervalUnderItsStartForTheOwnerOnly() throws Exception {
    IntervalWriter writer = writer(folder.resolve("profile.json"), 10);
    run(4);
    tick(writer, 60);
    run(6);
    run(7);
    tick(writer, 60);

    assertThat(names())
        .containsExactly("profile-20261231T235900Z.json", "profile-20270101T000000Z.json");
    ModelProfile second = read("profile-20270101T000000Z.json").models().get(0);
    assertThat(second.runs()).isEqualTo(2);
    assertThat(second.taps().get(0).counts()).isEqualTo(new Counts(20, 13, 0));
    Path file = folder.resolve("profile-20261231T235900Z.json");
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void writesNothingWhereNothingWasRun() throws Exception {
    IntervalWriter writer = writer(folder.resolve("profile.json"), 10);
    recorder.session();
    tick(writer, 60);
    assertThat(names()).isEmpty();

    tick(writer, 60);
    run(4);
    tick(writer, 60);
    tick(writer, 60);
    assertThat(names()).containsExactly("profile-20270101T000100Z.json");
    assertThat(read("profile-20270101T000100Z.json").models().get(0).sessions()).isEqualTo(1);
  }

  @Test
  void keepsTheNewestAndDeletesNothingThatItDoesNotName() throws Exception {
    List<String> others =
        List.of(
            "profile.json",
            "profile-1.json",
            "profile-20200101T000000Z.json.bak",
            "profile-20200101T000000Z-x.json",
            "other-20200101T000000Z.json");
    for (String other : others) {
      Files.writeString(folder.resolve(other), "mine");
    }
    Files.createDirectory(folder.resolve("profile-20200101T000001Z.json"));
    // Of an earlier process.
    Files.writeString(folder.resolve("profile-20200101T000002Z.json"), "old");
    IntervalWriter writer = writer(folder.resolve("profile.json"), 3);
    for (int i = 0; i < 5; i++) {
      run(i);
      tick(writer, 1);
    }

    assertThat(names())
        .containsAll(others)
        .contains("profile-20200101T000001Z.json")
        .filteredOn(name -> name.startsWith("profile-2") && name.endsWith("Z.json"))
        .containsExactly(
            "profile-20200101T000001Z.json",
            "profile-20261231T235902Z.json",
            "profile-20261231T235903Z.json",
            "profile-20261231T235904Z.json");
  }

  @Test
  void numbersIntervalsOfTheSameSecondAndKeepsTheirOrder() throws Exception {
    IntervalWriter writer = writer(folder.resolve("noending"), 11);
    for (int i = 0; i < 12; i++) {
      run(i % 10);
      writer.write();
    }
    assertThat(names())
        .hasSize(11)
        .contains("noending-20261231T235900Z-1.json", "noending-20261231T235900Z-11.json")
        .doesNotContain("noending-20261231T235900Z.json");
  }

  @Test
  void mergesToTheProfileOfAllRuns() throws Exception {
    IntervalWriter writer = writer(folder.resolve("profile.json"), 100);
    for (int i = 0; i < 7; i++) {
      failures += i;
      recorder.session();
      for (int r = 0; r < i; r++) {
        run(r);
      }
      tick(writer, 60);
    }
    Profile merged =
        Profile.merge(names().stream().map(name -> Profile.read(folder.resolve(name))).toList());
    ModelProfile all = recorder.snapshot();
    assertThat(merged.agent().failures()).isEqualTo(21);
    assertThat(merged.models()).hasSize(1);
    ModelProfile model = merged.models().get(0);
    assertThat(model.sessions()).isEqualTo(all.sessions()).isEqualTo(7);
    assertThat(model.runs()).isEqualTo(all.runs()).isEqualTo(21);
    assertThat(model.sampledRuns()).isEqualTo(21);
    assertThat(model.taps().get(0).counts()).isEqualTo(all.taps().get(0).counts());
    // 0 + (0+1) + (0+1+2) + ... + (0+...+5) zeros in 21 runs of 10 elements.
    assertThat(model.taps().get(0).counts()).isEqualTo(new Counts(210, 35, 0));
  }

  @Test
  void keepsWhatCouldNotBeWrittenForTheNextFile() throws Exception {
    Path later = folder.resolve("later");
    IntervalWriter writer = writer(later.resolve("profile.json"), 10);
    run(4);
    now = now.plusSeconds(60);
    assertThatThrownBy(writer::write).isInstanceOf(ProfileException.class);
    failures = 1;
    Files.createDirectory(later);
    run(5);
    tick(writer, 60);

    Profile both = Profile.read(later.resolve("profile-20261231T235900Z.json"));
    assertThat(both.agent().failures()).isEqualTo(1);
    assertThat(both.models().get(0).taps().get(0).counts()).isEqualTo(new Counts(20, 9, 0));
    tick(writer, 60);
    try (Stream<Path> files = Files.list(later)) {
      assertThat(files).hasSize(1);
    }
  }

  private IntervalWriter writer(Path profile, int retain) {
    return new IntervalWriter(
        new IntervalFiles(profile, retain),
        () -> recorder.intervalRuns() == 0 ? List.of() : List.of(recorder.takeInterval()),
        () -> new AgentInfo("1", "1.29.0", failures, List.of(), ""),
        () -> now,
        new AgentLog(LogLevel.OFF));
  }

  private void run(int zeros) {
    recorder.run();
    recorder.record(new Counts[] {new Counts(10, zeros, 0)});
  }

  private void tick(IntervalWriter writer, int seconds) throws IOException {
    now = now.plus(Duration.ofSeconds(seconds));
    writer.write();
  }

  private Profile read(String name) {
    return Profile.read(folder.resolve(name));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
