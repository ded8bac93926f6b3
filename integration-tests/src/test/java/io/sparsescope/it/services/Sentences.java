package io.sparsescope.it.services;

import java.util.ArrayList;
import java.util.List;

/** Fifty different sentences, the same at every run. */
final class Sentences {
  private static final List<String> WHO =
      List.of("A curious cat", "The old engineer", "Nobody", "Our neural network", "She");
  private static final List<String> DOES =
      List.of("counts zeros in", "rarely forgets", "paints", "compresses and stores", "dreams of");
  private static final List<String> WHAT = List.of("sparse activations", "the river at night");

  private Sentences() {}

  static List<String> fifty() {
    List<String> sentences = new ArrayList<>();
    for (String who : WHO) {
      for (String does : DOES) {
        for (String what : WHAT) {
          sentences.add(who + " " + does + " " + what + ".");
        }
      }
    }
    return sentences;
  }
}
