package io.sparsescope.rewriter.gradient;

import static io.sparsescope.onnx.Nodes.integer;
import static io.sparsescope.onnx.Nodes.integers;

import io.sparsescope.onnx.proto.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that move, choose, repeat or sum elements. */
final class LayoutTrials {
  static final Map<String, Trial> TRIALS = new LinkedHashMap<>();

  private static final double[] NO_KINKS = {};

  static {
    TRIALS.put("Reshape", LayoutTrials::reshape);
    TRIALS.put("Flatten", LayoutTrials::flatten);
    TRIALS.put("Squeeze", LayoutTrials::squeeze);
    TRIALS.put("Unsqueeze", LayoutTrials::unsqueeze);
    TRIALS.put("Transpose", LayoutTrials::transpose);
    TRIALS.put("Expand", LayoutTrials::expand);
    TRIALS.put("Concat", LayoutTrials::concat);
    TRIALS.put("Split", LayoutTrials::split);
    TRIALS.put("Slice", LayoutTrials::slice);
    TRIALS.put("Pad", LayoutTrials::pad);
    TRIALS.put("Gather", LayoutTrials::gather);
    TRIALS.put("Gather of records", LayoutTrials::gatherFed);
    TRIALS.put("GatherElements", LayoutTrials::gatherElements);
    TRIALS.put("ReduceSum", m -> reduce(m, "ReduceSum"));
    TRIALS.put("ReduceMean", m -> reduce(m, "ReduceMean"));
  }

  private LayoutTrials() {}

  private static DoubleTensor values(TrialModel m, int... shape) {
    return m.values(NO_KINKS, shape);
  }

  /** An axis from the front or, as a negative number, from the end. */
  private static int axis(TrialModel m, int rank) {
    return m.pick(-rank, rank - 1);
  }

  private static String reshape(TrialModel m) {
    int[] s = m.shape(3);
    return switch (m.pick(0, 2)) {
      case 0 -> m.node("Reshape", m.either(values(m, s)), m.int64s(-1));
      case 1 -> m.node("Reshape", m.either(values(m, s)), m.int64s(0, 1, -1));
      default -> m.node("Reshape", m.variable(values(m, s)), m.int64s((long) s[1] * s[2], s[0], 1));
    };
  }

  private static String flatten(TrialModel m) {
    DoubleTensor x = values(m, m.shape());
    return m.node(
        "Flatten",
        m.flip() ? List.of() : List.of(integer("axis", m.pick(-x.rank(), x.rank()))),
        m.either(x));
  }

  private static int[] withOnes(TrialModel m, List<Integer> ones) {
    int[] shape = m.shape(m.pick(2, 4));
    shape[0] = m.pick(2, 4);
    for (int d = 0; d < shape.length; d++) {
      shape[d] = d > 0 && m.flip() ? 1 : Math.max(2, shape[d]);
      if (shape[d] == 1) {
        ones.add(m.flip() ? d : d - shape.length);
      }
    }
    return shape;
  }

  private static String squeeze(TrialModel m) {
    List<Integer> ones = new ArrayList<>();
    int[] shape = withOnes(m, ones);
    if (ones.isEmpty() || m.flip()) {
      return m.node("Squeeze", m.variable(values(m, shape)));
    }
    String x = m.either(values(m, shape));
    Collections.shuffle(ones, m.random());
    return m.node("Squeeze", x, m.int64s(ones.stream().mapToLong(i -> i).toArray()));
  }

  private static String unsqueeze(TrialModel m) {
    DoubleTensor x = values(m, m.shape(m.pick(1, 3)));
    int added = m.pick(1, 2);
    List<Integer> places = new ArrayList<>(IntStream.range(0, x.rank() + added).boxed().toList());
    Collections.shuffle(places, m.random());
    long[] axes =
        places.stream().limit(added).mapToLong(a -> m.flip() ? a : a - x.rank() - added).toArray();
    return m.node("Unsqueeze", m.either(x), m.int64s(axes));
  }

  private static String transpose(TrialModel m) {
    DoubleTensor x = values(m, m.shape());
    List<Integer> perm = new ArrayList<>(IntStream.range(0, x.rank()).boxed().toList());
    Collections.shuffle(perm, m.random());
    List<AttributeProto> attributes =
        m.flip() ? List.of() : List.of(integers("perm", perm.stream().mapToLong(i -> i).toArray()));
    return m.node("Transpose", attributes, m.either(x));
  }

  private static String expand(TrialModel m) {
    int[] to = m.shape();
    int rank = m.pick(1, to.length);
    int[] from = Arrays.copyOfRange(to, to.length - rank, to.length);
    long[] target = Arrays.stream(to).asLongStream().toArray();
    for (int d = 0; d < rank; d++) {
      if (m.flip()) {
        from[d] = 1;
      } else if (m.flip()) {
        target[to.length - rank + d] = 1;
      }
    }
    boolean batched = rank == to.length && target[0] == 1;
    return m.node(
        "Expand",
        batched ? m.either(values(m, from)) : m.variable(values(m, from)),
        m.int64s(target));
  }

  private static String concat(TrialModel m) {
    int[] shape = m.shape();
    int axis = axis(m, shape.length);
    int along = DoubleTensor.axis(axis, shape.length);
    boolean batched = m.flip();
    String[] parts = new String[m.pick(1, 3)];
    for (int i = 0; i < parts.length; i++) {
      int[] own = shape.clone();
      own[along] = m.pick(1, 4);
      DoubleTensor x = values(m, own);
      boolean constant = i > 0 && !batched && m.pick(0, 3) == 0;
      parts[i] = constant ? m.initializer(x) : batched ? m.batched(x) : m.variable(x);
    }
    return m.node("Concat", List.of(integer("axis", axis)), parts);
  }

  /** Parts of which all but at most one are used, and one of them twice. */
  private static String split(TrialModel m) {
    int[] shape = m.shape();
    int axis = axis(m, shape.length);
    int along = DoubleTensor.axis(axis, shape.length);
    int parts = m.pick(2, 3);
    long[] lengths = new long[parts];
    boolean even = m.flip();
    int whole = m.pick(1, 3);
    Arrays.setAll(lengths, i -> even ? whole : m.pick(1, 3));
    shape[along] = (int) Arrays.stream(lengths).sum();
    DoubleTensor values = values(m, shape);
    String x = along == 0 ? m.variable(values) : m.either(values);
    List<AttributeProto> attributes = new ArrayList<>(List.of(integer("axis", axis)));
    List<String> outputs;
    if (even && m.flip()) {
      attributes.add(integer("num_outputs", parts));
      outputs = m.nodes("Split", parts, attributes, x);
    } else {
      outputs = m.nodes("Split", parts, attributes, x, m.int64s(lengths));
    }
    String first = outputs.get(0);
    String squared = m.node("Mul", first, first);
    List<String> used = new ArrayList<>(outputs.subList(m.pick(1, 2), parts));
    used.add(squared);
    return m.node("Concat", List.of(integer("axis", axis)), used.toArray(String[]::new));
  }

  private static String slice(TrialModel m) {
    int[] shape = m.shape();
    boolean batched = m.flip();
    int first = batched ? 1 : 0;
    List<Integer> axes = new ArrayList<>(IntStream.range(first, shape.length).boxed().toList());
    if (axes.isEmpty()) {
      return m.node(
          "Slice", m.variable(values(m, 5)), m.int64s(-2), m.int64s(0), m.int64s(0), m.int64s(-1));
    }
    Collections.shuffle(axes, m.random());
    int count = m.pick(1, axes.size());
    long[] starts = new long[count];
    long[] ends = new long[count];
    long[] along = new long[count];
    long[] steps = new long[count];
    for (int i = 0; i < count; i++) {
      int d = axes.get(i);
      shape[d] = m.pick(2, 6);
      along[i] = m.flip() ? d : d - shape.length;
      boolean backward = m.pick(0, 2) == 0;
      steps[i] = m.pick(1, 3) * (backward ? -1 : 1);
      int low = m.pick(0, shape[d] - 1);
      int high = m.pick(low, shape[d] - 1);
      if (backward) {
        starts[i] = m.flip() ? high : high - shape[d];
        ends[i] = low == 0 ? Long.MIN_VALUE : low - 1;
      } else {
        starts[i] = m.flip() ? low : low - shape[d];
        ends[i] = high == shape[d] - 1 && m.flip() ? Long.MAX_VALUE : high + 1;
      }
    }
    DoubleTensor x = values(m, shape);
    String from = batched ? m.batched(x) : m.variable(x);
    boolean plain = Arrays.stream(steps).allMatch(s -> s == 1);
    return plain && m.flip()
        ? m.node("Slice", from, m.int64s(starts), m.int64s(ends), m.int64s(along))
        : m.node("Slice", from, m.int64s(starts), m.int64s(ends), m.int64s(along), m.int64s(steps));
  }

  private static String pad(TrialModel m) {
    int[] shape = m.shape();
    int rank = shape.length;
    long[] pads = new long[2 * rank];
    boolean batched = m.flip();
    for (int d = batched ? 1 : 0; d < rank; d++) {
      shape[d] = m.pick(2, 5);
      pads[d] = m.pick(0, 2);
      // A negative pad cuts.
      pads[rank + d] = m.pick(-1, 2);
    }
    DoubleTensor x = values(m, shape);
    String from = batched ? m.batched(x) : m.variable(x);
    return m.flip()
        ? m.node("Pad", from, m.int64s(pads))
        : m.node("Pad", from, m.int64s(pads), m.initializer(DoubleTensor.scalar(0.5)));
  }

  private static DoubleTensor indices(TrialModel m, int length, int... shape) {
    double[] indices = new double[DoubleTensor.size(shape)];
    Arrays.setAll(indices, i -> m.pick(-length, length - 1));
    return DoubleTensor.integers(indices, shape);
  }

  private static String gather(TrialModel m) {
    int[] shape = m.shape();
    int axis = axis(m, shape.length);
    int along = DoubleTensor.axis(axis, shape.length);
    shape[along] = m.pick(1, 5);
    DoubleTensor chosen = indices(m, shape[along], m.flip() ? m.shape(m.pick(1, 2)) : new int[0]);
    DoubleTensor x = values(m, shape);
    return m.node(
        "Gather",
        List.of(integer("axis", axis)),
        along == 0 ? m.variable(x) : m.either(x),
        m.integers(chosen.longs(), chosen.shape()));
  }

  /** An embedding: a table, of which the input names the rows. */
  private static String gatherFed(TrialModel m) {
    DoubleTensor table = values(m, m.pick(2, 6), m.pick(1, 4));
    DoubleTensor rows = indices(m, table.shape()[0], m.batch(), m.pick(1, 4));
    return m.node("Gather", m.variable(table), m.fed(rows, -1, rows.shape()[1]));
  }

  private static String gatherElements(TrialModel m) {
    int[] shape = m.shape();
    int axis = axis(m, shape.length);
    int along = DoubleTensor.axis(axis, shape.length);
    int[] to = shape.clone();
    to[along] = m.pick(1, 4);
    DoubleTensor chosen = indices(m, shape[along], to);
    return m.node(
        "GatherElements",
        List.of(integer("axis", axis)),
        m.variable(values(m, shape)),
        m.integers(chosen.longs(), to));
  }

  private static String reduce(TrialModel m, String op) {
    DoubleTensor values = values(m, m.shape());
    String x = m.either(values);
    List<AttributeProto> keep = new ArrayList<>();
    if (m.flip()) {
      keep.add(integer("keepdims", m.pick(0, 1)));
    }
    if (m.pick(0, 3) == 0) {
      return m.node(op, keep, x);
    }
    List<Integer> axes = new ArrayList<>(IntStream.range(0, values.rank()).boxed().toList());
    Collections.shuffle(axes, m.random());
    long[] chosen =
        axes.stream()
            .limit(m.pick(1, axes.size()))
            .mapToLong(a -> m.flip() ? a : a - values.rank())
            .toArray();
    // ReduceMean takes its axes as an input from opset 18 on, ReduceSum from 13 on.
    return m.node(op, keep, x, m.int64s(chosen));
  }
}
