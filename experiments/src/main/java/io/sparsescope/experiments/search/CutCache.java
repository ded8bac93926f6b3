package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.TensorInfo;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.SubModel;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.split.GraphCuts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The tensors of the dense model that cross a cut, for as many of the leading batches of records as
 * fit into memory. They stay where ONNX Runtime has put them. When the cut moves on, only the nodes
 * between the old and the new place are run.
 */
final class CutCache implements AutoCloseable {
  private final ModelFile model;
  private final GraphCuts cuts;
  private final SampleSet samples;
  private final List<int[]> batches;
  private final long memory;
  private final Workers workers;
  private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();

  private int place;
  private Map<String, ValueInfoProto> types;

  /** Tensors by batch. At place 0, where the samples have them, there are none. */
  private final List<Map<String, OnnxTensor>> kept = new ArrayList<>();

  /**
   * @param batches record numbers, batch by batch
   * @param memory bytes that the tensors may take
   */
  CutCache(
      ModelFile model,
      GraphCuts cuts,
      SampleSet samples,
      List<int[]> batches,
      long memory,
      Workers workers) {
    this.model = model;
    this.cuts = cuts;
    this.samples = samples;
    this.batches = batches;
    this.memory = memory;
    this.workers = workers;
    Set<String> crossing = new HashSet<>(cuts.crossing(0));
    for (ValueInfoProto input : model.graph().inputs()) {
      if (crossing.contains(input.getName())) {
        inputs.put(input.getName(), input);
      }
    }
    types = inputs;
  }

  /** The inputs of the model that it reads. */
  Collection<ValueInfoProto> inputs() {
    return inputs.values();
  }

  /** Where the cut lies. */
  int place() {
    return place;
  }

  /** The tensors that cross the cut. */
  Collection<ValueInfoProto> types() {
    return types.values();
  }

  /** How many of the leading batches are kept. */
  int size() {
    return kept.size();
  }

  /** The tensors of a batch that is kept. */
  Map<String, OnnxTensor> tensors(int batch) {
    return kept.get(batch);
  }

  /**
   * Moves the cut to a place. Where the model cannot be cut there, because something else than
   * tensors crosses, the cut stays before it; where memory is too small for a single batch, it goes
   * back to 0.
   */
  void moveTo(int target) {
    if (target < place) {
      reset();
    }
    if (target == place) {
      return;
    }
    List<String> crossing = cuts.crossing(target);
    Map<String, ValueInfoProto> next = new LinkedHashMap<>();
    crossing.forEach(name -> next.put(name, types.get(name)));
    try (Segment segment = new Segment(types.values(), missing(crossing, types))) {
      Optional<Map<String, ValueInfoProto>> made = segment.types();
      if (made.isEmpty()) {
        return;
      }
      next.putAll(made.get());
      move(segment, target, crossing, next);
    }
  }

  private static List<String> missing(List<String> crossing, Map<String, ValueInfoProto> known) {
    return crossing.stream().filter(name -> !known.containsKey(name)).toList();
  }

  private void move(
      Segment segment, int target, List<String> crossing, Map<String, ValueInfoProto> next) {
    boolean fromInputs = place == 0;
    int before = kept.size();
    Map<String, OnnxTensor> first = advance(segment, 0, before == 0, crossing);
    if (before == 0) {
      kept.add(first);
    } else {
      kept.set(0, first);
    }
    place = target;
    types = next;
    int limit = (int) Math.min(batches.size(), memory / Math.max(1, bytes(first)));
    if (limit == 0) {
      reset();
      return;
    }
    shrink(limit);
    int advanced = fromInputs ? limit : Math.min(limit, before);
    while (kept.size() < advanced) {
      kept.add(Map.of());
    }
    AtomicLong taken = new AtomicLong(bytes(first));
    fill(segment, crossing, 1, advanced, fromInputs, taken);
    if (kept.size() == advanced && advanced < limit) {
      // Memory has become enough for batches that were not kept before.
      while (kept.size() < limit) {
        kept.add(Map.of());
      }
      try (Segment prefix = new Segment(inputs.values(), missing(crossing, inputs))) {
        fill(prefix, crossing, advanced, limit, true, taken);
      }
    }
  }

  /** Runs batches; those from the first on that does not fit are dropped. */
  private void fill(
      Segment segment,
      List<String> crossing,
      int from,
      int to,
      boolean fromInputs,
      AtomicLong taken) {
    AtomicInteger next = new AtomicInteger(from);
    AtomicInteger end = new AtomicInteger(to);
    workers.run(
        () -> {
          int batch = next.getAndIncrement();
          if (batch >= end.get()) {
            return false;
          }
          Map<String, OnnxTensor> after = advance(segment, batch, fromInputs, crossing);
          put(batch, after);
          if (taken.addAndGet(bytes(after)) > memory) {
            end.accumulateAndGet(batch, Math::min);
          }
          return true;
        });
    shrink(end.get());
  }

  /** A batch's tensors at the next place; those at the old one that do not cross it are closed. */
  private Map<String, OnnxTensor> advance(
      Segment segment, int batch, boolean fromInputs, List<String> crossing) {
    if (!fromInputs) {
      return segment.run(tensorsOf(batch), crossing);
    }
    Map<String, OnnxTensor> before = samples.batch(batches.get(batch));
    try {
      return segment.run(before, crossing);
    } catch (RuntimeException e) {
      before.values().forEach(OnnxTensor::close);
      throw e;
    }
  }

  private Map<String, OnnxTensor> tensorsOf(int batch) {
    synchronized (kept) {
      return kept.get(batch);
    }
  }

  private void put(int batch, Map<String, OnnxTensor> tensors) {
    synchronized (kept) {
      kept.set(batch, tensors);
    }
  }

  private void shrink(int size) {
    while (kept.size() > size) {
      kept.remove(kept.size() - 1).values().forEach(OnnxTensor::close);
    }
  }

  private void reset() {
    shrink(0);
    place = 0;
    types = inputs;
  }

  /** Bytes of a batch's tensors. */
  private static long bytes(Map<String, OnnxTensor> tensors) {
    long bytes = 0;
    for (OnnxTensor tensor : tensors.values()) {
      TensorInfo info = tensor.getInfo();
      bytes += info.getNumElements() * info.type.size;
    }
    return bytes;
  }

  @Override
  public void close() {
    reset();
  }

  /** The nodes between two places. */
  private final class Segment implements AutoCloseable {
    private final Optional<Part> part;

    Segment(Collection<ValueInfoProto> given, List<String> wanted) {
      part =
          wanted.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  Part.keeping(
                      model, SubModel.between(model, List.copyOf(given), declarations(wanted))));
    }

    private static List<ValueInfoProto> declarations(List<String> names) {
      return names.stream().map(n -> ValueInfoProto.newBuilder().setName(n).build()).toList();
    }

    Optional<Map<String, ValueInfoProto>> types() {
      return part.isEmpty() ? Optional.of(Map.of()) : part.get().types();
    }

    /** Turns a batch's tensors at one place into those at the other; takes them over. */
    Map<String, OnnxTensor> run(Map<String, OnnxTensor> before, List<String> crossing) {
      Map<String, OnnxTensor> after = new HashMap<>();
      part.ifPresent(p -> after.putAll(p.tensors(before)));
      before.forEach(
          (name, tensor) -> {
            if (crossing.contains(name)) {
              after.put(name, tensor);
            } else {
              tensor.close();
            }
          });
      return after;
    }

    @Override
    public void close() {
      part.ifPresent(Part::close);
    }
  }
}
