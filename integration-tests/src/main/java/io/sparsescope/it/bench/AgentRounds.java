package io.sparsescope.it.bench;

import io.sparsescope.it.ChildJvm;
import io.sparsescope.it.Jdk;
import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The same program without the agent and with it, in several ways: all of them alive at once, each
 * in a JVM of its own, running a short block each in turn.
 */
final class AgentRounds {
  /** How the agent is started. */
  private enum Way {
    PLAIN("without the agent", "", ""),
    ONNX("every run, standard operators", "counting=onnx,tap=op:Relu", "1.07"),
    NATIVE("every run, native operators", "counting=native,tap=op:Relu", "1.04"),
    SAMPLED("sample=1/100", "sample=1/100,tap=op:Relu", "1.01"),
    NOTHING("no model matches", "models=none-such", "1.003"),
    SHADOW("mode=shadow,sample=1/100", "mode=shadow,sample=1/100,tap=op:Relu", "p99 1.01");

    private final String title;
    private final String options;
    private final String target;

    Way(String title, String options, String target) {
      this.title = title;
      this.options = options;
      this.target = target;
    }
  }

  private AgentRounds() {}

  /**
   * @param rounds how often each of them has its turn
   * @param runs in a turn
   */
  static void run(Path model, int threads, int batch, int rounds, int runs) throws IOException {
    System.out.printf(
        "%n%d thread(s), batch %d, a JVM each, %d rounds of %d runs%n",
        threads, batch, rounds, runs);
    Map<Way, Blocks> programs = new EnumMap<>(Way.class);
    try {
      for (Way way : Way.values()) {
        Path folder = model.resolveSibling("jvm-" + way.name().toLowerCase(Locale.ROOT));
        programs.put(way, new Blocks(program(way, model, threads, batch), folder));
      }
      for (int round = 0; round < rounds; round++) {
        // Always in this order: nobody's turn follows another of its own, with its memory in cache.
        for (Way way : Way.values()) {
          programs.get(way).measure(runs);
        }
      }
      print(programs);
    } finally {
      for (Blocks program : programs.values()) {
        program.close();
      }
    }
  }

  private static ChildJvm program(Way way, Path model, int threads, int batch) {
    ChildJvm program =
        ChildJvm.of(Jdk.current(), BlockProgram.class.getName())
            .classPath(BlockProgram.classPath())
            .arguments(List.of(model.toString(), threads + "", batch + "").toArray(String[]::new));
    return way == Way.PLAIN
        ? program
        : program.agent(Repository.agentJar(), way.options + ",out=none");
  }

  private static void print(Map<Way, Blocks> programs) {
    Blocks plain = programs.get(Way.PLAIN);
    System.out.printf(
        Locale.ROOT,
        "  %-32s %s s, 99%% of the runs within %.4f s%n",
        Way.PLAIN.title,
        Quartiles.of(plain.means()).format(4),
        plain.quantile(0.99));
    System.out.printf(
        "  %-32s %-22s %-22s %-9s %-9s %s%n",
        "ratio to it", "", "processor time", "all runs", "p99", "target");
    programs.forEach(
        (way, program) -> {
          if (way != Way.PLAIN) {
            System.out.printf(
                Locale.ROOT,
                "  %-32s %-22s %-22s %-9.3f %-9.3f %s%n",
                way.title,
                Quartiles.ofRatios(program.means(), plain.means()).format(3),
                Quartiles.ofRatios(program.worked(), plain.worked()).format(3),
                program.total() / plain.total(),
                program.quantile(0.99) / plain.quantile(0.99),
                way.target);
          }
        });
  }
}
