package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.Tensors;
import io.sparsescope.onnx.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntFunction;

/**
 * A tensor whose elements are all held in float64, row-major, whatever ONNX calls their type.
 *
 * @param integral whether it stands for a tensor of integers or booleans
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by its parts only.
record DoubleTensor(int[] shape, double[] values, boolean integral) {
  DoubleTensor {
    if (size(shape) != values.length) {
      throw new IllegalArgumentException(
          values.length + " values do not fill " + Arrays.toString(shape));
    }
  }

  static DoubleTensor of(double[] values, int... shape) {
    return new DoubleTensor(shape, values, false);
  }

  static DoubleTensor integers(double[] values, int... shape) {
    return new DoubleTensor(shape, values, true);
  }

  static DoubleTensor scalar(double value) {
    return of(new double[] {value});
  }

  static DoubleTensor zeros(int... shape) {
    return of(new double[size(shape)], shape);
  }

  /** Values that float32 holds exactly, evenly spread over [from, to). */
  static DoubleTensor random(Random random, double from, double to, int... shape) {
    double[] values = new double[size(shape)];
    Arrays.setAll(values, i -> (float) (from + (to - from) * random.nextDouble()));
    return of(values, shape);
  }

  /** The values of a stored tensor. */
  static DoubleTensor of(TensorProto tensor) {
    int[] shape = tensor.getDimsList().stream().mapToInt(Math::toIntExact).toArray();
    ElementType type = ElementType.of(tensor.getDataType());
    double[] values = new double[size(shape)];
    if (values.length > 0) {
      ByteBuffer raw = Tensors.data(tensor).toBuffer().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; i++) {
        values[i] = read(raw, type, i);
      }
    }
    return new DoubleTensor(shape, values, !type.isFloat());
  }

  private static double read(ByteBuffer raw, ElementType type, int i) {
    int at = raw.position() + i * type.bits() / 8;
    return switch (type) {
      case FLOAT -> raw.getFloat(at);
      case DOUBLE -> raw.getDouble(at);
      case INT64 -> raw.getLong(at);
      case INT32 -> raw.getInt(at);
      case INT8, BOOL -> raw.get(at);
      case UINT8 -> raw.get(at) & 255;
      default -> throw new IllegalArgumentException("no values of type " + type);
    };
  }

  static int size(int[] shape) {
    int size = 1;
    for (int dim : shape) {
      size *= dim;
    }
    return size;
  }

  int rank() {
    return shape.length;
  }

  int size() {
    return values.length;
  }

  /** Elements from one index of an axis to the next. */
  int stride(int axis) {
    int stride = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      stride *= shape[i];
    }
    return stride;
  }

  int[] strides() {
    int[] strides = new int[rank()];
    Arrays.setAll(strides, this::stride);
    return strides;
  }

  /** An axis as ONNX counts it, from the end if negative, counted from the front. */
  int axis(long axis) {
    return axis(axis, rank());
  }

  static int axis(long axis, int rank) {
    int counted = (int) (axis < 0 ? axis + rank : axis);
    if (counted < 0 || counted > rank) {
      throw new IllegalArgumentException("no axis " + axis + " of " + rank);
    }
    return counted;
  }

  double get(int... index) {
    return values[offset(index)];
  }

  int offset(int[] index) {
    int at = 0;
    for (int i = 0; i < index.length; i++) {
      at = at * shape[i] + index[i];
    }
    return at;
  }

  /** The index in each dimension of the element at a place. */
  static int[] index(int offset, int[] shape) {
    int[] index = new int[shape.length];
    int rest = offset;
    for (int i = shape.length - 1; i >= 0; i--) {
      index[i] = rest % shape[i];
      rest /= shape[i];
    }
    return index;
  }

  long[] longs() {
    return Arrays.stream(values).mapToLong(v -> (long) v).toArray();
  }

  /** The only element. */
  double single() {
    if (values.length != 1) {
      throw new IllegalArgumentException(values.length + " elements where one is due");
    }
    return values[0];
  }

  /** The largest magnitude; 0 if there is none. */
  double largest() {
    return Arrays.stream(values).map(Math::abs).max().orElse(0);
  }

  DoubleTensor reshaped(int... to) {
    return new DoubleTensor(to, values, integral);
  }

  DoubleTensor map(DoubleUnaryOperator f) {
    return new DoubleTensor(shape, Arrays.stream(values).map(f).toArray(), integral);
  }

  /** The same with another value at one place. */
  DoubleTensor with(int place, double value) {
    double[] changed = values.clone();
    changed[place] = value;
    return new DoubleTensor(shape, changed, integral);
  }

  /** A tensor of the same kind whose element at each index is that of this one at another. */
  DoubleTensor gather(int[] to, IntFunction<int[]> from) {
    double[] result = new double[size(to)];
    Arrays.setAll(result, i -> get(from.apply(i)));
    return new DoubleTensor(to, result, integral);
  }

  /** ONNX's (NumPy's) multidirectional broadcasting. */
  DoubleTensor broadcast(int... to) {
    return gather(
        to,
        i -> {
          int[] index = index(i, to);
          int[] own = Arrays.copyOfRange(index, to.length - rank(), to.length);
          for (int d = 0; d < own.length; d++) {
            if (shape[d] == 1) {
              own[d] = 0;
            } else if (shape[d] != to[to.length - rank() + d]) {
              throw new IllegalArgumentException(
                  Arrays.toString(shape) + " does not broadcast to " + Arrays.toString(to));
            }
          }
          return own;
        });
  }

  static int[] broadcastShape(int[] a, int[] b) {
    int rank = Math.max(a.length, b.length);
    int[] shape = new int[rank];
    for (int i = 0; i < rank; i++) {
      int m = i < rank - a.length ? 1 : a[i - rank + a.length];
      int n = i < rank - b.length ? 1 : b[i - rank + b.length];
      shape[i] = m == 1 ? n : m;
    }
    return shape;
  }

  DoubleTensor zip(DoubleTensor other, DoubleBinaryOperator f) {
    if (Arrays.equals(shape, other.shape)) {
      return sameShape(other, f);
    }
    int[] common = broadcastShape(shape, other.shape);
    return broadcast(common).sameShape(other.broadcast(common), f);
  }

  private DoubleTensor sameShape(DoubleTensor other, DoubleBinaryOperator f) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> f.applyAsDouble(values[i], other.values[i]));
    return new DoubleTensor(shape, result, integral && other.integral);
  }

  /** The same values as a tensor of integers, or of reals. */
  DoubleTensor asIntegral(boolean whether) {
    return new DoubleTensor(shape, values, whether);
  }

  @Override
  public String toString() {
    return Arrays.toString(shape) + " " + Arrays.toString(values);
  }
}
