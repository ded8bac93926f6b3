package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Operators that move, choose or repeat elements, and those that tell shapes. */
final class DoubleLayouts {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    single("Reshape", DoubleLayouts::reshape);
    single("Flatten", DoubleLayouts::flatten);
    single("Squeeze", DoubleLayouts::squeeze);
    single("Unsqueeze", DoubleLayouts::unsqueeze);
    single("Transpose", DoubleLayouts::transpose);
    single("Expand", DoubleLayouts::expand);
    single("Tile", DoubleLayouts::tile);
    single("Concat", DoubleLayouts::concat);
    OPERATORS.put("Split", DoubleLayouts::split);
    single("Slice", DoubleLayouts::slice);
    single("Pad", DoubleLayouts::pad);
    single("Gather", DoubleLayouts::gather);
    single("GatherElements", DoubleLayouts::gatherElements);
    single("Shape", DoubleLayouts::shape);
    single("Size", n -> DoubleTensor.scalar(n.input(0).size()).asIntegral(true));
    single("ConstantOfShape", DoubleLayouts::constantOfShape);
    single("Range", DoubleLayouts::range);
  }

  private DoubleLayouts() {}

  private static void single(String op, Operator.Single f) {
    OPERATORS.put(op, Operator.single(f));
  }

  private static int[] ints(long[] values) {
    return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
  }

  private static DoubleTensor reshape(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int[] shape = ints(n.integers("shape", 1).orElseThrow());
    int known = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0 && n.integer("allowzero", 0) == 0) {
        shape[i] = x.shape()[i];
      }
      known *= shape[i] < 0 ? 1 : shape[i];
    }
    for (int i = 0; i < shape.length; i++) {
      shape[i] = shape[i] < 0 ? x.size() / known : shape[i];
    }
    return x.reshaped(shape);
  }

  private static DoubleTensor flatten(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int axis = x.axis(n.integer("axis", 1));
    int rows = DoubleTensor.size(Arrays.copyOf(x.shape(), axis));
    int columns = DoubleTensor.size(Arrays.copyOfRange(x.shape(), axis, x.rank()));
    return x.reshaped(rows, columns);
  }

  private static DoubleTensor squeeze(DoubleNode n) {
    DoubleTensor x = n.input(0);
    TreeSet<Integer> axes = new TreeSet<>();
    n.integers("axes", 1)
        .ifPresentOrElse(
            l -> Arrays.stream(l).forEach(a -> axes.add(x.axis(a))),
            () -> IntStream.range(0, x.rank()).filter(d -> x.shape()[d] == 1).forEach(axes::add));
    return x.reshaped(
        IntStream.range(0, x.rank())
            .filter(d -> !axes.contains(d))
            .map(d -> x.shape()[d])
            .toArray());
  }

  private static DoubleTensor unsqueeze(DoubleNode n) {
    DoubleTensor x = n.input(0);
    long[] listed = n.integers("axes", 1).orElseThrow();
    int rank = x.rank() + listed.length;
    TreeSet<Integer> axes = new TreeSet<>();
    Arrays.stream(listed).forEach(a -> axes.add(DoubleTensor.axis(a, rank)));
    int[] shape = new int[rank];
    int from = 0;
    for (int d = 0; d < rank; d++) {
      shape[d] = axes.contains(d) ? 1 : x.shape()[from++];
    }
    return x.reshaped(shape);
  }

  private static DoubleTensor transpose(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int[] reversed = IntStream.range(0, x.rank()).map(d -> x.rank() - 1 - d).toArray();
    int[] perm = n.integers("perm").map(DoubleLayouts::ints).orElse(reversed);
    int[] shape = Arrays.stream(perm).map(d -> x.shape()[d]).toArray();
    return x.gather(
        shape,
        i -> {
          int[] to = DoubleTensor.index(i, shape);
          int[] from = new int[to.length];
          for (int d = 0; d < to.length; d++) {
            from[perm[d]] = to[d];
          }
          return from;
        });
  }

  private static DoubleTensor expand(DoubleNode n) {
    DoubleTensor x = n.input(0);
    return x.broadcast(DoubleTensor.broadcastShape(x.shape(), ints(n.input(1).longs())));
  }

  private static DoubleTensor tile(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int[] repeats = ints(n.input(1).longs());
    int[] shape = IntStream.range(0, x.rank()).map(d -> x.shape()[d] * repeats[d]).toArray();
    return x.gather(
        shape,
        i -> {
          int[] index = DoubleTensor.index(i, shape);
          Arrays.setAll(index, d -> index[d] % x.shape()[d]);
          return index;
        });
  }

  private static DoubleTensor concat(DoubleNode n) {
    DoubleTensor first = n.input(0);
    int axis = first.axis(n.integer("axis", 0));
    int[] shape = first.shape().clone();
    shape[axis] = n.inputs().stream().mapToInt(x -> x.shape()[axis]).sum();
    double[] y = new double[DoubleTensor.size(shape)];
    for (int i = 0; i < y.length; i++) {
      int[] index = DoubleTensor.index(i, shape);
      int part = 0;
      while (index[axis] >= n.input(part).shape()[axis]) {
        index[axis] -= n.input(part++).shape()[axis];
      }
      y[i] = n.input(part).get(index);
    }
    return new DoubleTensor(shape, y, first.integral());
  }

  private static List<DoubleTensor> split(DoubleNode n) {
    DoubleTensor x = n.input(0);
    int axis = x.axis(n.integer("axis", 0));
    int outputs = n.proto().getOutputCount();
    int[] even = new int[outputs];
    int part = (x.shape()[axis] + outputs - 1) / outputs;
    Arrays.setAll(even, i -> Math.min(part, x.shape()[axis] - i * part));
    int[] lengths = n.integers("split", 1).map(DoubleLayouts::ints).orElse(even);
    List<DoubleTensor> results = new ArrayList<>();
    int from = 0;
    for (int length : lengths) {
      int[] starts = new int[x.rank()];
      int[] shape = x.shape().clone();
      starts[axis] = from;
      shape[axis] = length;
      results.add(part(x, starts, ones(x.rank()), shape));
      from += length;
    }
    return results;
  }

  private static int[] ones(int length) {
    int[] ones = new int[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private static DoubleTensor part(DoubleTensor x, int[] starts, int[] steps, int[] shape) {
    return x.gather(
        shape,
        i -> {
          int[] index = DoubleTensor.index(i, shape);
          Arrays.setAll(index, d -> starts[d] + index[d] * steps[d]);
          return index;
        });
  }

  private static DoubleTensor slice(DoubleNode n) {
    DoubleTensor x = n.input(0);
    long[] from = n.integers("starts", 1).orElseThrow();
    long[] to = n.integers("ends", 2).orElseThrow();
    long[] axes =
        n.integers("axes", 3).orElse(IntStream.range(0, from.length).asLongStream().toArray());
    long[] by = n.integers("steps", 4).orElse(null);
    int[] starts = new int[x.rank()];
    int[] steps = ones(x.rank());
    int[] shape = x.shape().clone();
    for (int i = 0; i < axes.length; i++) {
      int d = x.axis(axes[i]);
      int length = x.shape()[d];
      steps[d] = by == null ? 1 : (int) by[i];
      long first = from[i] < 0 ? from[i] + length : from[i];
      long end = to[i] < 0 ? to[i] + length : to[i];
      if (steps[d] > 0) {
        starts[d] = (int) Math.max(0, Math.min(length, first));
        long last = Math.max(0, Math.min(length, end));
        shape[d] = (int) Math.max(0, (last - starts[d] + steps[d] - 1) / steps[d]);
      } else {
        starts[d] = (int) Math.max(0, Math.min(length - 1, first));
        long last = Math.max(-1, Math.min(length - 1, end));
        shape[d] = (int) Math.max(0, (starts[d] - last - steps[d] - 1) / -steps[d]);
      }
    }
    return part(x, starts, steps, shape);
  }

  private static DoubleTensor pad(DoubleNode n) {
    DoubleTensor x = n.input(0);
    String mode = n.string("mode", "constant");
    int[] pads = ints(n.integers("pads", 1).orElseThrow());
    double value = n.hasInput(2) ? n.input(2).single() : n.real("value", 0);
    int[] axes = n.hasInput(3) ? ints(n.input(3).longs()) : IntStream.range(0, x.rank()).toArray();
    int[] shape = x.shape().clone();
    int[] begins = new int[x.rank()];
    for (int i = 0; i < axes.length; i++) {
      int d = x.axis(axes[i]);
      begins[d] = pads[i];
      shape[d] += pads[i] + pads[axes.length + i];
    }
    double[] y = new double[DoubleTensor.size(shape)];
    for (int i = 0; i < y.length; i++) {
      int[] index = DoubleTensor.index(i, shape);
      boolean inside = true;
      for (int d = 0; d < index.length; d++) {
        int at = index[d] - begins[d];
        int last = x.shape()[d] - 1;
        switch (mode) {
          case "edge" -> at = Math.max(0, Math.min(last, at));
          case "reflect" -> at = at < 0 ? -at : at > last ? 2 * last - at : at;
          case "constant" -> inside &= at >= 0 && at <= last;
          default -> throw new IllegalArgumentException("Pad in mode " + mode);
        }
        index[d] = at;
      }
      y[i] = inside ? x.get(index) : value;
    }
    return new DoubleTensor(shape, y, x.integral());
  }

  private static DoubleTensor gather(DoubleNode n) {
    DoubleTensor x = n.input(0);
    DoubleTensor indices = n.input(1);
    int axis = x.axis(n.integer("axis", 0));
    int[] shape = new int[x.rank() - 1 + indices.rank()];
    System.arraycopy(x.shape(), 0, shape, 0, axis);
    System.arraycopy(indices.shape(), 0, shape, axis, indices.rank());
    System.arraycopy(x.shape(), axis + 1, shape, axis + indices.rank(), x.rank() - axis - 1);
    return x.gather(
        shape,
        i -> {
          int[] to = DoubleTensor.index(i, shape);
          int[] from = new int[x.rank()];
          System.arraycopy(to, 0, from, 0, axis);
          from[axis] =
              wrapped(indices.get(Arrays.copyOfRange(to, axis, axis + indices.rank())), x, axis);
          System.arraycopy(to, axis + indices.rank(), from, axis + 1, x.rank() - axis - 1);
          return from;
        });
  }

  private static int wrapped(double index, DoubleTensor x, int axis) {
    return (int) (index < 0 ? index + x.shape()[axis] : index);
  }

  private static DoubleTensor gatherElements(DoubleNode n) {
    DoubleTensor x = n.input(0);
    DoubleTensor indices = n.input(1);
    int axis = x.axis(n.integer("axis", 0));
    return x.gather(
        indices.shape(),
        i -> {
          int[] index = DoubleTensor.index(i, indices.shape());
          index[axis] = wrapped(indices.values()[i], x, axis);
          return index;
        });
  }

  private static DoubleTensor shape(DoubleNode n) {
    int[] all = n.input(0).shape();
    int from = clamped(n.integer("start", 0), all.length);
    int to = clamped(n.integer("end", all.length), all.length);
    double[] values = Arrays.stream(all, from, Math.max(from, to)).asDoubleStream().toArray();
    return DoubleTensor.integers(values, values.length);
  }

  private static int clamped(long axis, int rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  private static DoubleTensor constantOfShape(DoubleNode n) {
    DoubleTensor value =
        n.attribute("value").map(a -> DoubleTensor.of(a.getT())).orElse(DoubleTensor.zeros(1));
    int[] shape = ints(n.input(0).longs());
    double[] values = new double[DoubleTensor.size(shape)];
    Arrays.fill(values, value.single());
    return new DoubleTensor(shape, values, value.integral());
  }

  private static DoubleTensor range(DoubleNode n) {
    double start = n.input(0).single();
    double step = n.input(2).single();
    int length = (int) Math.max(0, Math.ceil((n.input(1).single() - start) / step));
    double[] values = new double[length];
    Arrays.setAll(values, i -> start + i * step);
    return new DoubleTensor(new int[] {length}, values, n.input(0).integral());
  }
}
