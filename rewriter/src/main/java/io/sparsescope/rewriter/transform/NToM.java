package io.sparsescope.rewriter.transform;

import io.sparsescope.onnx.Nodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * N:M sparsity: of each M elements one after another along an axis, the N of largest magnitude are
 * kept. Where the axis is no multiple of M long, its last group is shorter, and N of it are kept.
 * {@link Largest} says how ties and NaN are ordered; NaN stays in any case.
 *
 * @param axis the axis, negative from the last; empty for {@link Target#channels()}
 */
record NToM(int n, int m, Optional<Integer> axis) implements Transform {
  static NToM parse(Arguments arguments) {
    arguments.requireCount(2, 3);
    int m = (int) arguments.integer(1, "M", 1, 1 << 16);
    int n = (int) arguments.integer(0, "N", 1, m);
    return new NToM(
        n,
        m,
        arguments.count() == 2
            ? Optional.empty()
            : Optional.of((int) arguments.integer(2, "AXIS", -64, 63)));
  }

  @Override
  public String spec() {
    return "nm," + n + "," + m + axis.map(a -> "," + a).orElse("");
  }

  @Override
  public String reasonAgainst(Target target, int opset) {
    if (opset < Largest.OPSET) {
      return tooOld(opset, Largest.OPSET);
    }
    if (target.rank().isEmpty()) {
      return spec() + " needs to know its number of dimensions: run shape inference on the model";
    }
    int rank = target.rank().getAsInt();
    if (axis.isEmpty() && target.channels().isEmpty()) {
      return spec() + " does not know its channels: give the axis as third number";
    }
    int at = axis.orElse(target.channels().orElse(0));
    return at < -rank || at >= rank
        ? "it has " + rank + " dimensions, " + spec() + " asks for number " + at
        : "";
  }

  private int axisOf(Target target) {
    int at = axis.orElse(target.channels().orElse(-1));
    return at < 0 ? at + target.rank().orElseThrow() : at;
  }

  @Override
  public String emit(NodeMaker maker, String x) {
    int rank = maker.target().rank().orElseThrow();
    int at = axisOf(maker.target());
    String keys = Largest.keys(maker, x);
    String moved = swapped(maker, keys, at, rank);
    String length = maker.length(moved, rank - 1);
    String rows = maker.op("Flatten", List.of(Nodes.integer("axis", rank - 1)), moved);
    // The last group is filled with what is smaller than all magnitudes; there always is one.
    String full = maker.int64(m);
    String fill = maker.op("Sub", full, maker.op("Mod", length, full));
    String pads =
        maker.op("Concat", List.of(Nodes.integer("axis", 0)), maker.int64s(0, 0, 0), fill);
    String padded = maker.op("Pad", rows, pads, maker.scalar(-1));
    String groups = maker.op("Reshape", padded, maker.int64s(-1, m));
    String others = Largest.others(maker, groups, maker.int64s(n));
    String whole = maker.reshapedLike(others, padded);
    String cut = maker.op("Slice", whole, maker.int64s(0), length, maker.int64s(1));
    String back = swapped(maker, maker.reshapedLike(cut, moved), at, rank);
    return Largest.zero(maker, back, x);
  }

  /** The axis and the last one exchanged. */
  private static String swapped(NodeMaker maker, String x, int axis, int rank) {
    if (axis == rank - 1) {
      return x;
    }
    List<Long> order = new ArrayList<>(IntStream.range(0, rank).mapToObj(i -> (long) i).toList());
    order.set(axis, rank - 1L);
    order.set(rank - 1, (long) axis);
    long[] permutation = order.stream().mapToLong(Long::longValue).toArray();
    return maker.op("Transpose", List.of(Nodes.integers("perm", permutation)), x);
  }

  @Override
  public Optional<Baked> baked(Target target) {
    if (target.dims().isEmpty()) {
      return Optional.empty();
    }
    int at = axisOf(target);
    int length = Math.toIntExact(target.dims().get(at));
    int stride = 1;
    for (long d : target.dims().subList(at + 1, target.dims().size())) {
      stride *= (int) d;
    }
    int step = stride;
    return Optional.of(
        Baked.whole(
            values -> {
              boolean[] kept = new boolean[values.length];
              for (int outer = 0; outer < values.length; outer += length * step) {
                for (int inner = 0; inner < step; inner++) {
                  for (int group = 0; group < length; group += m) {
                    int first = outer + inner + group * step;
                    Largest.mark(values, first, step, Math.min(m, length - group), n, kept);
                  }
                }
              }
              Largest.zeroUnless(kept, values);
            }));
  }
}
