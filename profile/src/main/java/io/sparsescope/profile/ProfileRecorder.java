package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Adds up what the runs of one model show: in all, and in the current interval. Safe for use by
 * many threads: {@link #run} takes no lock, {@link #record} holds one for a few additions a tap.
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

  private volatile SampleListener listener = SampleListener.NONE;

  /** Guards everything below it. */
  private final Object lock = new Object();

  /** What was recorded since the start or the last reset, but for the current interval. */
  private RecordedRuns before;

  /** What was recorded in the current interval. */
  private RecordedRuns current;

  /** What the adders held at the last reset, but for sessions, which outlive it. */
  private Adders atReset = Adders.NONE;

  /** What of the adders other intervals have shown. */
  private Adders shown = Adders.NONE;

  private List<WeightCounts> weights = List.of();
  private List<AppliedThreshold> thresholds = List.of();
  private List<AppliedTransform> transforms = List.of();
  private List<SkippedTap> skipped = List.of();

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
    before = new RecordedRuns(taps.size());
    current = new RecordedRuns(taps.size());
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
      current.add(compared);
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
    record(perTap, new ChannelSet[perTap.length], new Histogram[perTap.length]);
  }

  /**
   * Adds a sampled run in which more was counted.
   *
   * @param perTap as {@link #record(Counts[])} takes them
   * @param channels which of each tap's channels held anything but zeros, null where they were not
   *     counted; looked at only where the tap was counted and had elements. The array is not kept.
   * @param histograms magnitudes, like that
   */
  public void record(Counts[] perTap, ChannelSet[] channels, Histogram[] histograms) {
    if (perTap.length != taps.size()
        || channels.length != taps.size()
        || histograms.length != taps.size()) {
      throw new IllegalArgumentException(perTap.length + " counts for " + taps.size() + " taps");
    }
    synchronized (lock) {
      current.add(perTap, channels, histograms);
    }
    listener.sampled(model, arm, taps, perTap);
  }

  /** Sets who hears of sampled runs; nobody does at first. */
  public void listener(SampleListener hears) {
    listener = hears;
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

  /** Sets the other transforms that are in force. */
  public void transforms(List<AppliedTransform> applied) {
    synchronized (lock) {
      transforms = List.copyOf(applied);
    }
  }

  /** Sets what could not be counted. */
  public void skipped(List<SkippedTap> tensors) {
    synchronized (lock) {
      skipped = List.copyOf(tensors);
    }
  }

  /** Everything recorded since the start or the last reset. */
  public ModelProfile snapshot() {
    synchronized (lock) {
      return profile(before.plus(current), read().minus(atReset));
    }
  }

  /** Runs counted in the current interval, whether sampled or not. */
  public long intervalRuns() {
    synchronized (lock) {
      return Math.max(read().minus(shown).runs(), current.sampledRuns());
    }
  }

  /**
   * Everything recorded since the last interval was taken, the start or the last reset; a new
   * interval begins. {@link #snapshot} goes on as before: it is what merging all intervals gives.
   */
  public ModelProfile takeInterval() {
    synchronized (lock) {
      // A run that the last interval has shown may be recorded in this one and then appears in
      // both: the next interval shows one less.
      Adders added = read().minus(shown).atLeast(current.sampledRuns());
      ModelProfile interval = profile(current, added);
      before = before.plus(current);
      current = new RecordedRuns(taps.size());
      shown = shown.plus(added);
      return interval;
    }
  }

  /**
   * Begins anew, as if nothing had been recorded. Sessions, which go on, and what was set (weights,
   * thresholds, transforms, what is skipped) stay.
   */
  public void reset() {
    synchronized (lock) {
      before = new RecordedRuns(taps.size());
      current = new RecordedRuns(taps.size());
      atReset = read().withSessions(0);
      shown = atReset;
    }
  }

  private Adders read() {
    return new Adders(sessions.sum(), runs.sum(), runNanos.sum(), overheadNanos.sum(), drops.sum());
  }

  private ModelProfile profile(RecordedRuns recorded, Adders since) {
    // A run is counted before it is recorded; a caller that forgot must not fail here.
    Adders added = since.atLeast(recorded.sampledRuns());
    List<TapProfile> all = new ArrayList<>(taps.size() + weights.size());
    for (int i = 0; i < taps.size(); i++) {
      all.add(recorded.tap(i, taps.get(i)));
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
        added.sessions(),
        added.runs(),
        recorded.sampledRuns(),
        all,
        BlockTable.profile(blocks, all),
        Total.of(all),
        thresholds,
        transforms,
        skipped,
        arm,
        added.cost(),
        recorded.difference());
  }

  /** What the adders hold, or a part of it. */
  private record Adders(long sessions, long runs, long runNanos, long overheadNanos, long drops) {
    static final Adders NONE = new Adders(0, 0, 0, 0, 0);

    Adders plus(Adders other) {
      return new Adders(
          sessions + other.sessions,
          runs + other.runs,
          runNanos + other.runNanos,
          overheadNanos + other.overheadNanos,
          drops + other.drops);
    }

    Adders minus(Adders other) {
      return new Adders(
          sessions - other.sessions,
          runs - other.runs,
          runNanos - other.runNanos,
          overheadNanos - other.overheadNanos,
          drops - other.drops);
    }

    /** As a profile may show it. */
    Adders atLeast(long sampledRuns) {
      return new Adders(
          sessions,
          Math.max(runs, sampledRuns),
          Math.max(0, runNanos),
          Math.max(0, overheadNanos),
          drops);
    }

    Adders withSessions(long others) {
      return new Adders(others, runs, runNanos, overheadNanos, drops);
    }

    RunCost cost() {
      return new RunCost(runNanos, overheadNanos, drops);
    }
  }
}
