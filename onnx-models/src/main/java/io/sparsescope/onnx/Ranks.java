package io.sparsescope.onnx;

/** Ranks of what operators compute; -1 where it is not certain. */
final class Ranks {
  private Ranks() {}

  /** Multidirectional broadcasting of all inputs from {@code first} on. */
  static int broadcast(Inputs in, int first) {
    int rank = 0;
    for (int i = first; i < in.count(); i++) {
      if (in.rank(i) < 0) {
        return Known.UNKNOWN;
      }
      rank = Math.max(rank, in.rank(i));
    }
    return rank;
  }

  static int matMul(int left, int right) {
    if (left <= 0 || right <= 0) {
      return Known.UNKNOWN;
    }
    if (left == 1 || right == 1) {
      return left + right - 2 == 0 ? 0 : Math.max(left, right) - 1;
    }
    return Math.max(left, right);
  }

  /** Convolutions keep the rank of their data, which is that of their weights. */
  static int convolution(Inputs in, int data, int weights) {
    return in.rank(data) >= 0 ? in.rank(data) : in.rank(weights);
  }

  static int add(int rank, long more) {
    return rank < 0 || more < 0 ? Known.UNKNOWN : Math.toIntExact(Math.min(rank + more, 4096));
  }

  static int gather(Inputs in) {
    return in.rank(0) < 1 || in.rank(1) < 0 ? Known.UNKNOWN : in.rank(0) - 1 + in.rank(1);
  }

  static int squeeze(Inputs in) {
    long axes = in.listLength("axes", 1);
    return in.rank(0) < 0 || axes < 0 || axes > in.rank(0)
        ? Known.UNKNOWN
        : in.rank(0) - (int) axes;
  }

  static int unsqueeze(Inputs in) {
    return add(in.rank(0), in.listLength("axes", 1));
  }

  static int expand(Inputs in) {
    long length = in.at(1).length();
    return in.rank(0) < 0 || length < 0 ? Known.UNKNOWN : (int) Math.max(in.rank(0), length);
  }

  static int transpose(Inputs in) {
    return in.hasAttribute("perm") ? in.attribute("perm").getIntsCount() : in.rank(0);
  }

  static int reshape(Inputs in) {
    return rank(in.listLength("shape", 1));
  }

  static int argReduce(Inputs in) {
    if (in.integer("keepdims", 1) != 0) {
      return in.rank(0);
    }
    return in.rank(0) < 1 ? Known.UNKNOWN : in.rank(0) - 1;
  }

  static int reduce(Inputs in) {
    if (in.integer("keepdims", 1) != 0) {
      return in.rank(0);
    }
    boolean listed = in.hasAttribute("axes") || in.has(1);
    if (!listed) {
      return in.integer("noop_with_empty_axes", 0) != 0 ? in.rank(0) : 0;
    }
    long axes = in.listLength("axes", 1);
    if (axes <= 0 || in.rank(0) < axes) {
      return Known.UNKNOWN;
    }
    return in.rank(0) - (int) axes;
  }

  /** Of the first input whose rank is known: all have the same. */
  static int anyOf(Inputs in, int first) {
    for (int i = first; i < in.count(); i++) {
      if (in.rank(i) >= 0) {
        return in.rank(i);
      }
    }
    return Known.UNKNOWN;
  }

  static int rank(long length) {
    return length < 0 || length > 4096 ? Known.UNKNOWN : (int) length;
  }
}
