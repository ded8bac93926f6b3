package io.sparsescope.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileFileTest {
  @TempDir Path folder;

  @Test
  void writesTheFieldsOfTheFormatInTheirOrder() throws Exception {
    JsonNode json = new ObjectMapper().readTree(Samples.profile(Samples.model()).toJson());
    assertThat(keys(json)).containsExactly("format", "version", "agent", "models");
    assertThat(json.get("format").asText()).isEqualTo("sparsescope-profile");
    assertThat(json.get("version").isInt()).isTrue();
    assertThat(json.get("version").asInt()).isEqualTo(1);
    assertThat(keys(json.get("agent")))
        .containsExactly("version", "onnxruntime", "failures", "failureMessages", "note");
    JsonNode model = json.get("models").get(0);
    assertThat(keys(model))
        .containsExactly(
            "name",
            "sha256",
            "graph",
            "opset",
            "sessions",
            "runs",
            "sampledRuns",
            "taps",
            "blocks",
            "total");
    JsonNode tap = model.get("taps").get(1);
    assertThat(tap.toString())
        .startsWith(
            "{'node':'relu2','op':'Relu','tensor':'relu2:0','layer':'conv2','block':'block1',"
                    .replace('\'', '"')
                + "'kind':'activation','type':'float32','runs':2,'elements':200,'zeros':10,"
                    .replace('\'', '"')
                + "'sparsity':0.05,'nan':2,'perRun':{'min':0.0,'max':0.2,'mean':0.1,'stddev':0.1}}"
                    .replace('\'', '"'));
    assertThat(model.get("taps").get(3).get("kind").asText()).isEqualTo("weight");
    assertThat(model.get("blocks").toString())
        .isEqualTo(
            "[{'block':'block1','activation':'relu2:0','activationSparsity':0.05,'weightSparsity':0.25}]"
                .replace('\'', '"'));
    assertThat(model.get("total").toString())
        .isEqualTo(
            "{'weightElements':40,'weightZeros':10,'weightSparsity':0.25}".replace('\'', '"'));
  }

  @Test
  void writesNullForWhatWasNotMeasured() throws Exception {
    Profile profile = Samples.profile(Samples.recorder().snapshot());
    JsonNode model = new ObjectMapper().readTree(profile.toJson()).get("models").get(0);
    assertThat(model.get("taps").get(0).get("sparsity").isNull()).isTrue();
    assertThat(model.get("taps").get(0).get("perRun").isNull()).isTrue();
    assertThat(model.get("total").get("weightSparsity").isNull()).isTrue();
    assertThat(Profile.parse("p", profile.toJson())).isEqualTo(profile);
  }

  @Test
  void readsBackWhatItWrote() {
    ProfileRecorder recorder = Samples.recorder();
    recorder.skipped(List.of(new SkippedTap("seq", "s:0", "elements of type string")));
    recorder.thresholds(List.of(new AppliedThreshold("relu1:0", TapKind.ACTIVATION, 1e-3, "lt")));
    recorder.transforms(List.of(new AppliedTransform("conv1.w", TapKind.WEIGHT, "half")));
    AgentInfo agent = new AgentInfo("0.1.0", "1.29.0", 3, List.of("a \"b\"\nc"), "sampled");
    Profile profile = new Profile(agent, List.of(Samples.model(), recorder.snapshot()));
    Path file = folder.resolve("p.json");
    profile.writeTo(file);
    assertThat(Profile.read(file)).isEqualTo(profile);
  }

  @Test
  void writesArmsAndTheirDifference() throws Exception {
    Profile profile = new Profile(AgentInfo.of("0.1.0", "1.29.0"), Samples.arms(0.125));
    JsonNode models = new ObjectMapper().readTree(profile.toJson()).get("models");
    assertThat(models.get(0).get("arm").asText()).isEqualTo("untouched");
    assertThat(models.get(0).has("difference")).isFalse();
    assertThat(models.get(1).get("arm").asText()).isEqualTo("thresholded");
    assertThat(models.get(1).get("difference").toString())
        .isEqualTo(
            "{'runs':4,'maxAbs':0.125,'minCosine':0.75,'meanCosine':0.9375,'rows':8,'agreeing':7}"
                .replace('\'', '"'));
    assertThat(models.get(1).get("thresholds").get(1).toString())
        .isEqualTo(
            "{'tensor':'conv1.w','kind':'weight','threshold':1.0E-9,'compare':'le'}"
                .replace('\'', '"'));
    assertThat(Profile.parse("p", profile.toJson())).isEqualTo(profile);
    Profile infinite = new Profile(profile.agent(), Samples.arms(Double.POSITIVE_INFINITY));
    assertThat(Profile.parse("p", infinite.toJson())).isEqualTo(infinite);
  }

  @Test
  void writesForItsOwnerOnlyAndLeavesNothingBeside() throws Exception {
    Path file = folder.resolve("p.json");
    Files.writeString(file, "old");
    Samples.profile(Samples.model()).writeTo(file);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void saysWhyItCannotWriteAndLeavesNoPartialFile() throws Exception {
    Profile profile = Samples.profile();
    assertOneLine(
        () -> profile.writeTo(folder.resolve("none/p.json")), "none/p.json", "no such folder");
    assertOneLine(() -> profile.writeTo(folder), "is a folder");
    Path device = Path.of("/dev/null");
    if (Files.exists(device)) {
      assertOneLine(() -> profile.writeTo(device), "is no regular file");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void saysWhyItCannotRead() throws Exception {
    String good = Samples.profile(Samples.model()).toJson();
    assertOneLine(() -> Profile.read(folder.resolve("x.json")), "x.json: no such file");
    assertOneLine(() -> Profile.read(folder), "cannot be read as a profile");
    assertOneLine(() -> Profile.parse("x.json", ""), "x.json: not a profile");
    assertOneLine(() -> Profile.parse("x.json", "[1,2]"), "x.json: not a profile");
    assertOneLine(() -> Profile.parse("x.json", "{\"format\":\"onnx\"}"), "format onnx");
    assertOneLine(
        () -> Profile.parse("x.json", good.replace("\"version\" : 1", "\"version\" : 2")),
        "version 2",
        "reads up to 1",
        "use a newer Sparsescope");
    assertOneLine(
        () -> Profile.parse("x.json", good.replace("\"zeros\" : 100", "\"zeros\" : 500")),
        "x.json: a damaged profile (",
        "400 elements, 500 zeros");
    assertOneLine(
        () -> Profile.parse("x.json", good.replace("\"zeros\" : 100", "\"zeros\" : \"many\"")),
        "x.json: a damaged profile (");
    assertOneLine(
        () -> Profile.parse("x.json", good.replace("\"activation\"", "\"cake\"")), "cake");
    Path binary = folder.resolve("m.onnx");
    Files.write(binary, new byte[] {8, 7, (byte) 0xff, (byte) 0xfe});
    assertOneLine(() -> Profile.read(binary), "m.onnx");
  }

  @Test
  void reportsEveryTruncationInOneLine() {
    String good = Samples.profile(Samples.model()).toJson().strip();
    for (int length = 0; length < good.length(); length++) {
      String cut = good.substring(0, length);
      assertOneLine(() -> Profile.parse("x.json", cut), "x.json: ");
    }
  }

  @Test
  void readsOnOverFieldsItDoesNotKnow() {
    Profile profile = Samples.profile(Samples.model());
    String more = profile.toJson().replace("\"op\" :", "\"later\" : {\"a\": [1]}, \"op\" :");
    assertThat(Profile.parse("p", more)).isEqualTo(profile);
  }

  private static void assertOneLine(Runnable action, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOf(ProfileException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
  }

  private static List<String> keys(JsonNode node) {
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
