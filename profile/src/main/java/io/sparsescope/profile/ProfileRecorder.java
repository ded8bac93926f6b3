package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Adds up what the runs of one model show. Safe for use by many threads: {@link #run} takes no
 * lock, {@link #record} holds one for a few additions a tap.
 */
public final class ProfileRecorder {
  private final ModelInfo model;
  private final String arm;
  private final List<TapInfo> taps;
  private final Map<String, List<String>> blocks;
  private final LongAdder sessions = new LongAdder();
  private final LongAdder runs = new LongAdder();
  private final LongAdder runNanos = new LongAdder();
  private final LongAdder overheadNanos = new LongAdder();
  private final LongAdder drops = new LongAdder();

  /** Guards everything below it. */
  private final Object lock = new Object();

  private final TapAccumulator[] accumulators;
  private long sampledRuns;
  private List<WeightCounts> weights = List.of();
  private List<AppliedThreshold> thresholds = List.of();
  private List<SkippedTap> skipped = List.of();
  private OutputDifference difference;

  /**
   * @param model the model
   * @param taps what is counted at a sampled run, in the order of {@link #record}
   * @param blocks names of blocks, each with its layers in graph order
   */
  public ProfileRecorder(ModelInfo model, List<TapInfo> taps, Map<String, List<String>> blocks) {
    this(model, "", taps, blocks);
  }

  /**
   * @param arm which arm of a live experiment runs the model, "" where there is none
   */
  public ProfileRecorder(
      ModelInfo model, String arm, List<TapInfo> taps, Map<String, List<String>> blocks) {
    this.model = model;
    this.arm = arm;
    this.taps = List.copyOf(taps);
    Map<String, List<String>> copy = new LinkedHashMap<>();
    blocks.forEach((block, layers) -> copy.put(block, List.copyOf(layers)));
    this.blocks = Collections.unmodifiableMap(copy);
    accumulators = new TapAccumulator[taps.size()];
    for (int i = 0; i < accumulators.length; i++) {
      accumulators[i] = new TapAccumulator();
    }
  }

  public ModelInfo model() {
    return model;
  }

  public List<TapInfo> taps() {
    return taps;
  }

  /** One more session runs the model. */
  public void session() {
    sessions.increment();
  }

  /** The model was run, whether that run is sampled or not. */
  public void run() {
    runs.increment();
  }

  /** Runs have taken this long, of which so much was ours. */
  public void cost(long nanos, long ofWhichOverhead) {
    runNanos.add(nanos);
    if (ofWhichOverhead != 0) {
      overheadNanos.add(ofWhichOverhead);
    }
  }

  /** A run that was to be sampled was not, because the agent was busy. */
  public void dropped() {
    drops.increment();
  }

  /** Outputs were compared with those of the untouched model. */
  public void difference(OutputDifference compared) {
    synchronized (lock) {
      difference = difference == null ? compared : difference.plus(compared);
    }
  }

  /**
   * Adds a sampled run, which {@link #run} has counted before.
   *
   * @param perTap counts in the order of the taps; null where a tap was not computed in this run,
   *     {@link Counts#HELD_NAN} where it was not counted. The array is not kept.
   * @throws IllegalArgumentException if there are more or fewer counts than taps
   * @throws ArithmeticException if a sum leaves the range of long
   */
  public void record(Counts[] perTap) {
    if (perTap.length != accumulators.length) {
      throw new IllegalArgumentException(
          perTap.length + " counts for " + accumulators.length + " taps");
    }
    synchronized (lock) {
      sampledRuns++;
      for (int i = 0; i < perTap.length; i++) {
        if (perTap[i] != null) {
          accumulators[i].add(perTap[i]);
        }
      }
    }
  }

  /** Sets what the model's weights hold; they are counted once, not at every run. */
  public void weights(List<WeightCounts> counts) {
    synchronized (lock) {
      weights = List.copyOf(counts);
    }
  }

  /** Sets the thresholds that are in force. */
  public void thresholds(List<AppliedThreshold> applied) {
    synchronized (lock) {
      thresholds = List.copyOf(applied);
    }
  }

  /** Sets what could not be counted. */
  public void skipped(List<SkippedTap> tensors) {
    synchronized (lock) {
      skipped = List.copyOf(tensors);
    }
  }

  /** Everything recorded up to now. */
  public ModelProfile snapshot() {
    synchronized (lock) {
      List<TapProfile> all = new ArrayList<>(taps.size() + weights.size());
      for (int i = 0; i < accumulators.length; i++) {
        all.add(accumulators[i].snapshot(taps.get(i)));
      }
      for (WeightCounts weight : weights) {
        TapAccumulator once = new TapAccumulator();
        once.add(weight.counts());
        all.add(once.snapshot(weight.weight()));
      }
      return new ModelProfile(
          model.name(),
          model.sha256(),
          model.graph(),
          model.opset(),
          sessions.sum(),
          // A run is counted before it is recorded; a caller that forgot must not fail here.
          Math.max(runs.sum(), sampledRuns),
          sampledRuns,
          all,
          BlockTable.profile(blocks, all),
          Total.of(all),
          thresholds,
          skipped,
          arm,
          new RunCost(Math.max(0, runNanos.sum()), Math.max(0, overheadNanos.sum()), drops.sum()),
          difference);
    }
  }
}
