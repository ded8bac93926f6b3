package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.Nodes;
import java.util.List;
import java.util.stream.LongStream;

/**
 * MatMul: products with the other operand transposed. Matrices, and stacks of matrices times one
 * matrix (a layer's weights), go by Gemm, which transposes while it reads.
 */
final class MatMulGradient implements GradientRule {
  @Override
  public void backward(NodeGradient node) {
    int left = node.rank(node.input(0));
    int right = node.rank(node.input(1));
    if (left < 2 || right < 2) {
      vectors(node, left, right);
    } else if (right == 2) {
      byMatrix(node, left);
    } else {
      stacks(node, left, right);
    }
  }

  private static void byMatrix(NodeGradient node, int left) {
    String a = node.input(0);
    String b = node.input(1);
    String dy = node.gradient();
    if (node.wants(0) && left == 2) {
      node.give(0, gemm(node, dy, false, b, true));
    } else if (node.wants(0)) {
      String rows = gemm(node, rows(node, dy, node.output(0)), false, b, true);
      node.give(0, node.reshapedLike(rows, a));
    }
    if (node.wants(1)) {
      String x = left == 2 ? a : rows(node, a, a);
      String y = left == 2 ? dy : rows(node, dy, node.output(0));
      node.give(1, GemmGradient.product(node, 1, x, true, y, false));
    }
  }

  /** A tensor of the shape of {@code like} as a matrix of its last dimension's vectors. */
  private static String rows(NodeGradient node, String x, String like) {
    return node.op("Reshape", x, node.int64s(-1, node.dim(like, -1)));
  }

  private static String gemm(
      NodeGradient node, String left, boolean transLeft, String right, boolean transRight) {
    return node.op(
        "Gemm",
        List.of(
            Nodes.integer("transA", transLeft ? 1 : 0),
            Nodes.integer("transB", transRight ? 1 : 0)),
        left,
        right);
  }

  private static void stacks(NodeGradient node, int left, int right) {
    String dy = node.gradient();
    List<Long> y = node.shape(node.output(0));
    if (node.wants(0)) {
      String da = node.op("MatMul", dy, transposed(node, node.input(1), right));
      List<Long> a = node.shape(node.input(0));
      node.give(0, Broadcast.sum(node, da, stacked(y, a), a));
    }
    if (node.wants(1)) {
      String db = node.op("MatMul", transposed(node, node.input(0), left), dy);
      List<Long> b = node.shape(node.input(1));
      node.give(1, Broadcast.sum(node, db, stacked(y, b), b));
    }
  }

  /** The stack's dimensions of the product and the matrix's own of an operand. */
  private static List<Long> stacked(List<Long> product, List<Long> operand) {
    return LongStream.concat(
            product.subList(0, product.size() - 2).stream().mapToLong(Long::longValue),
            operand.subList(operand.size() - 2, operand.size()).stream().mapToLong(Long::longValue))
        .boxed()
        .toList();
  }

  private static String transposed(NodeGradient node, String x, int rank) {
    long[] perm = LongStream.range(0, rank).toArray();
    perm[rank - 1] = rank - 2;
    perm[rank - 2] = rank - 1;
    return node.op("Transpose", List.of(Nodes.integers("perm", perm)), x);
  }

  /** A vector is a row on the left and a column on the right. */
  private static void vectors(NodeGradient node, int left, int right) {
    if (left == 1 && right == 1) {
      if (node.wants(0)) {
        node.give(0, node.op("Mul", node.input(1), node.gradient()));
      }
      if (node.wants(1)) {
        node.give(1, node.op("Mul", node.input(0), node.gradient()));
      }
    } else if (left == 1) {
      rowByStack(node, right);
    } else {
      stackByColumn(node, left);
    }
  }

  /** y[.., n] = sum over k of a[k] B[.., k, n]. */
  private static void rowByStack(NodeGradient node, int right) {
    String b = node.input(1);
    List<Long> shape = node.shape(b);
    if (node.wants(0)) {
      String dy = node.op("Unsqueeze", node.gradient(), node.int64s(-1));
      String da = node.op("Squeeze", node.op("MatMul", b, dy), node.int64s(-1));
      node.give(
          0,
          Broadcast.sum(
              node, da, shape.subList(0, right - 1), shape.subList(right - 2, right - 1)));
    }
    if (node.wants(1)) {
      String column = node.op("Unsqueeze", node.input(0), node.int64s(-1));
      node.give(1, node.op("Mul", column, node.op("Unsqueeze", node.gradient(), node.int64s(-2))));
    }
  }

  /** y[.., m] = sum over k of A[.., m, k] b[k]. */
  private static void stackByColumn(NodeGradient node, int left) {
    String a = node.input(0);
    List<Long> shape = node.shape(a);
    String dy = node.op("Unsqueeze", node.gradient(), node.int64s(-1));
    if (node.wants(0)) {
      node.give(0, node.op("Mul", dy, node.input(1)));
    }
    if (node.wants(1)) {
      String product = node.op("Mul", a, dy);
      node.give(1, Broadcast.sum(node, product, shape, shape.subList(left - 1, left)));
    }
  }
}
