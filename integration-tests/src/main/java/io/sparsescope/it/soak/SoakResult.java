package io.sparsescope.it.soak;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a soak has shown.
 *
 * @param samples over time
 * @param wrongCounts what the profile says otherwise than the program; empty if nothing
 * @param profile the agent's
 * @param complaints what the agent wrote to stderr
 */
record SoakResult(
    List<SoakSample> samples, List<String> wrongCounts, Profile profile, List<String> complaints) {

  /** Runs that the agent has counted, in all models. */
  long sampledRuns() {
    return profile.models().stream().mapToLong(ModelProfile::sampledRuns).sum();
  }

  long runs() {
    return profile.models().stream().mapToLong(ModelProfile::runs).sum();
  }

  long drops() {
    return profile.models().stream().mapToLong(model -> model.cost().drops()).sum();
  }

  /** Lines in which a profile and what the program printed differ. */
  static List<String> compare(String printed, Profile profile) {
    Map<String, String> expected = new HashMap<>();
    printed
        .lines()
        .filter(line -> line.startsWith("EXPECT "))
        .map(line -> line.split(" ", 4))
        .forEach(words -> expected.put(words[1] + " " + words[2], words[3]));
    // A model is profiled under its file's name, or its graph's where it came as bytes.
    Map<String, long[]> counted = new HashMap<>();
    for (ModelProfile model : profile.models()) {
      for (TapProfile tap : model.runTaps()) {
        long[] sum =
            counted.computeIfAbsent(fileOf(model) + " " + tap.tensor(), key -> new long[3]);
        sum[0] += tap.runs();
        sum[1] += tap.elements();
        sum[2] += tap.zeros();
      }
    }
    List<String> wrong = new ArrayList<>();
    counted.forEach(
        (key, sum) -> {
          String found = sum[0] + " " + sum[1] + " " + sum[2];
          if (!found.equals(expected.get(key))) {
            wrong.add(key + ": counted " + found + ", the program " + expected.get(key));
          }
        });
    if (counted.isEmpty()) {
      wrong.add("nothing was counted");
    }
    return wrong;
  }

  private static String fileOf(ModelProfile model) {
    return switch (model.graph()) {
      case "convolutional 16" -> "narrow.onnx";
      case "convolutional 64" -> "wide.onnx";
      case "perceptron" -> "perceptron.onnx";
      default -> "integers.onnx";
    };
  }
}
