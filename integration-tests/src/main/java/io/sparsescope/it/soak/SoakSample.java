package io.sparsescope.it.soak;

import java.util.List;

/**
 * What the program looked like at one moment.
 *
 * @param second since its start
 * @param rss resident memory, bytes
 * @param heap used heap after a collection, bytes
 * @param threads live threads
 * @param sessions sessions opened so far
 * @param runs runs so far
 */
record SoakSample(int second, long rss, long heap, long threads, long sessions, long runs) {

  static List<SoakSample> parse(String printed) {
    return printed.lines().filter(line -> line.startsWith("SAMPLE ")).map(SoakSample::of).toList();
  }

  private static SoakSample of(String line) {
    String[] words = line.split(" ", -1);
    return new SoakSample(
        Integer.parseInt(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]),
        Long.parseLong(words[5]),
        Long.parseLong(words[6]));
  }
}
