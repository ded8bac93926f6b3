package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Matrix products. */
final class DoubleMatrices {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    OPERATORS.put("Gemm", Operator.single(DoubleMatrices::gemm));
    OPERATORS.put("MatMul", Operator.single(n -> matMul(n.input(0), n.input(1))));
  }

  private DoubleMatrices() {}

  private static DoubleTensor gemm(DoubleNode n) {
    DoubleTensor a = n.integer("transA", 0) != 0 ? transposed(n.input(0)) : n.input(0);
    DoubleTensor b = n.integer("transB", 0) != 0 ? transposed(n.input(1)) : n.input(1);
    double alpha = n.real("alpha", 1);
    double beta = n.real("beta", 1);
    DoubleTensor product = matMul(a, b).map(x -> alpha * x);
    return n.hasInput(2) ? product.zip(n.input(2), (x, c) -> x + beta * c) : product;
  }

  private static DoubleTensor transposed(DoubleTensor x) {
    int rows = x.shape()[0];
    int columns = x.shape()[1];
    return x.gather(new int[] {columns, rows}, i -> new int[] {i % rows, i / rows});
  }

  /** NumPy's matmul: vectors are rows or columns, further dimensions broadcast. */
  private static DoubleTensor matMul(DoubleTensor a, DoubleTensor b) {
    DoubleTensor left = a.rank() == 1 ? a.reshaped(1, a.size()) : a;
    DoubleTensor right = b.rank() == 1 ? b.reshaped(b.size(), 1) : b;
    int m = left.shape()[left.rank() - 2];
    int k = left.shape()[left.rank() - 1];
    int n = right.shape()[right.rank() - 1];
    if (right.shape()[right.rank() - 2] != k) {
      throw new IllegalArgumentException("inner dimensions differ");
    }
    int[] batch = DoubleTensor.broadcastShape(batch(left), batch(right));
    double[] x = left.broadcast(join(batch, m, k)).values();
    double[] y = right.broadcast(join(batch, k, n)).values();
    double[] result = new double[DoubleTensor.size(batch) * m * n];
    for (int i = 0; i < result.length; i++) {
      int of = i / (m * n);
      int row = i / n % m;
      double sum = 0;
      for (int j = 0; j < k; j++) {
        sum += x[(of * m + row) * k + j] * y[(of * k + j) * n + i % n];
      }
      result[i] = sum;
    }
    int[] matrix = a.rank() == 1 ? new int[0] : new int[] {m};
    int[] shape = b.rank() == 1 ? matrix : join(matrix, n);
    return DoubleTensor.of(result, join(batch, shape));
  }

  private static int[] batch(DoubleTensor x) {
    return Arrays.copyOf(x.shape(), x.rank() - 2);
  }

  private static int[] join(int[] a, int... b) {
    int[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }
}
