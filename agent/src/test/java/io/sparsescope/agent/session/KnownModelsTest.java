package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.it.TestModels;
import io.sparsescope.onnx.OnnxException;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownModelsTest {
  private static final long HOUR = 3_600_000;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void writeAModel() throws IOException {
    file = Files.write(folder.resolve("m.onnx"), TestModels.tiny());
  }

  @Test
  void aModelWithASessionIsNotPlannedAgain() {
    SessionModels models = models(HOUR, false);
    byte[] appendix = load(models);

    try (PreparedModel again = prepare(models)) {
      assertThat(again.rewrite().edit()).isNull();
      assertThat(again.appendix()).hasValue(appendix);
      assertThat(again.taps().taps()).hasSizeGreaterThan(0);
      assertThat(again.info().sha256()).hasSize(64);
    }
  }

  @Test
  void itIsTheSameAsPlannedAnew() {
    SessionModels models = models(HOUR, true);
    load(models);

    try (PreparedModel again = prepare(models);
        PreparedModel anew = prepare(models(HOUR, true))) {
      assertThat(again.info()).isEqualTo(anew.info());
      assertThat(again.taps()).isEqualTo(anew.taps());
      assertThat(again.isNative()).isTrue();
      assertThat(again.rewrite().blockedLayout()).isEqualTo(anew.rewrite().blockedLayout());
      assertThat(again.rewrite().skipped()).isEqualTo(anew.rewrite().skipped());
      assertThat(again.rewrite().blocks()).isEqualTo(anew.rewrite().blocks());
      // Where it cannot be handed over the same way, it is planned after all.
      assertThat(again.edit().toBytes()).isEqualTo(anew.edit().toBytes());
    }
  }

  @Test
  void itIsPlannedWithStandardOperatorsOnceNativeOnesDidNotWork() {
    SessionModels models = models(HOUR, true);
    load(models);

    byte[] standard;
    try (PreparedModel again = prepare(models)) {
      again.withoutNative();
      standard = again.appendix().orElseThrow();
      again.loaded();
    }

    try (PreparedModel third = prepare(models);
        PreparedModel anew = prepare(models(HOUR, false))) {
      assertThat(third.isNative()).isFalse();
      assertThat(third.appendix()).hasValue(standard);
      assertThat(anew.appendix()).hasValue(standard);
    }
  }

  @Test
  void aFileThatChangedIsLookedAt() throws IOException {
    SessionModels models = models(HOUR, false);
    load(models);
    FileStamp before = FileStamp.of(file).orElseThrow();
    while (FileStamp.of(file).orElseThrow().equals(before)) {
      Files.write(file, TestModels.tiny());
    }

    try (PreparedModel again = prepare(models)) {
      assertThat(again.rewrite().edit()).isNotNull();
    }
  }

  @Test
  void aFileThatChangesWhileItIsLoadedIsNotTakenForWhatItWas() throws IOException {
    SessionModels models = models(HOUR, false);
    load(models);

    try (PreparedModel again = prepare(models)) {
      Files.write(file, new byte[] {1, 2, 3});
      assertThatThrownBy(again::edit).isInstanceOf(OnnxException.class);
    }
  }

  @Test
  void aFileThatWasJustChangedIsNotRemembered() {
    SessionModels models = models(0, false);
    load(models);

    try (PreparedModel again = prepare(models)) {
      assertThat(again.origin()).isEmpty();
      assertThat(again.rewrite().edit()).isNotNull();
    }
  }

  private byte[] load(SessionModels models) {
    try (PreparedModel first = prepare(models)) {
      assertThat(first.rewrite().edit()).isNotNull();
      assertThat(first.info().name()).isEqualTo("m.onnx");
      first.loaded();
      return first.appendix().orElseThrow();
    }
  }

  private PreparedModel prepare(SessionModels models) {
    return models.file(file.toString(), "");
  }

  /**
   * @param later by how many milliseconds the clock is ahead of the file's
   */
  private SessionModels models(long later, boolean isNative) {
    Rules rules = new Rules(List.of(), List.of(), List.of("**"), Map.of());
    long now = FileStamp.of(file).orElseThrow().changed().toMillis() + later;
    return new SessionModels(
        "*", rules, model -> isNative, Detail.NONE, new KnownDigests(() -> now));
  }
}
