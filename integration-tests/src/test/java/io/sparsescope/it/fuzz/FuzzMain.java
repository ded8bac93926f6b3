package io.sparsescope.it.fuzz;

import io.sparsescope.it.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Fuzzes for a while. Arguments: seed, seconds, folder for findings. Exit code 1 after a throwable
 * that is none of ours, 3 after a case that took too long; the model that did it then lies in the
 * folder. Meant for a JVM with a small heap.
 */
final class FuzzMain {
  private static final long CASE_LIMIT_NANOS = 10_000_000_000L;
  private static final int LARGEST_SEED_MODEL = 1 << 20;
  private static final int ON_DISK_EVERY = 16;
  private static final int TEXT_EVERY = 32;
  private static final int MOST_FINDINGS = 20;

  private final Path findings;
  private final AtomicReference<byte[]> current = new AtomicReference<>();
  private final AtomicLong started = new AtomicLong();

  private FuzzMain(Path findings) {
    this.findings = findings;
  }

  public static void main(String[] args) throws IOException {
    long seed = Long.parseLong(args[0]);
    long seconds = Long.parseLong(args[1]);
    new FuzzMain(Files.createDirectories(Path.of(args[2]))).run(seed, seconds);
  }

  private void run(long seed, long seconds) throws IOException {
    List<byte[]> models = seedModels();
    Mutator mutator = new Mutator(seed, models);
    Mutator textMutator = new Mutator(seed, TextTarget.seeds());
    TextTarget texts = new TextTarget(findings.resolve("fuzzed.txt"));
    FuzzTarget target = new FuzzTarget(findings.resolve("fuzzed.onnx"));
    Map<FuzzTarget.Outcome, Integer> outcomes = new EnumMap<>(FuzzTarget.Outcome.class);
    startWatchdog();
    Set<String> kinds = new HashSet<>();
    int cases = 0;
    for (long end = System.nanoTime() + seconds * 1_000_000_000L;
        System.nanoTime() < end && kinds.size() < MOST_FINDINGS;
        cases++) {
      boolean text = cases % TEXT_EVERY == 1;
      byte[] bytes = text ? textMutator.next() : mutator.next();
      started.set(System.nanoTime());
      current.set(bytes);
      try {
        if (text) {
          texts.read(bytes);
        } else {
          boolean onDisk = cases % ON_DISK_EVERY == 0;
          outcomes.merge(onDisk ? target.onDisk(bytes) : target.inMemory(bytes), 1, Integer::sum);
        }
      } catch (Throwable e) { // whatever it is, it is a finding
        if (kinds.add(kind(e))) {
          save(bytes, "crash-" + seed + "-" + cases + ".onnx", e);
        }
      } finally {
        current.set(null);
      }
    }
    System.out.printf(
        "seed %d: %d models, %d cases, %s, %d kinds of findings%n",
        seed, models.size(), cases, outcomes, kinds.size());
    Files.deleteIfExists(findings.resolve("fuzzed.onnx"));
    Files.deleteIfExists(findings.resolve("fuzzed.txt"));
    Runtime.getRuntime().halt(kinds.isEmpty() ? 0 : 1);
  }

  /** Findings of one kind have the same class and come from the same line of ours. */
  private static String kind(Throwable e) {
    return e.getClass()
        + Stream.of(e.getStackTrace())
            .map(StackTraceElement::toString)
            .filter(frame -> frame.startsWith("io.sparsescope."))
            .findFirst()
            .orElse("");
  }

  private void startWatchdog() {
    Thread watchdog =
        new Thread(
            () -> {
              while (true) {
                byte[] bytes = current.get();
                if (bytes != null && System.nanoTime() - started.get() > CASE_LIMIT_NANOS) {
                  save(
                      bytes, "hang-" + System.nanoTime() + ".onnx", new Throwable("took too long"));
                  Thread.getAllStackTraces().forEach(FuzzMain::printStack);
                  Runtime.getRuntime().halt(3);
                }
                pause();
              }
            },
            "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
  }

  private static void pause() {
    try {
      Thread.sleep(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void printStack(Thread thread, StackTraceElement[] frames) {
    System.err.println(thread);
    Stream.of(frames).limit(40).forEach(frame -> System.err.println("  at " + frame));
  }

  private void save(byte[] bytes, String name, Throwable why) {
    try {
      Files.write(findings.resolve(name), bytes);
    } catch (IOException e) {
      System.err.println("cannot save the model: " + e);
    }
    System.err.println("FOUND " + name + " (" + bytes.length + " bytes)");
    StackTraceElement[] frames = why.getStackTrace();
    System.err.println(why);
    Stream.of(frames).limit(15).forEach(frame -> System.err.println("  at " + frame));
  }

  private static List<byte[]> seedModels() throws IOException {
    List<Path> folders = new ArrayList<>(Repository.backendSuite());
    Repository.shared("models").ifPresent(folders::add);
    List<byte[]> models = new ArrayList<>();
    for (Path folder : folders) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
          if (Files.size(file) <= LARGEST_SEED_MODEL && models.size() < 1200) {
            models.add(Files.readAllBytes(file));
          }
        }
      }
    }
    models.addAll(SeedModels.small());
    return models;
  }
}
