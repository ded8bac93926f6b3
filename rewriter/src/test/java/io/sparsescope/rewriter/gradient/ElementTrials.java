package io.sparsescope.rewriter.gradient;

import static io.sparsescope.onnx.Nodes.integer;
import static io.sparsescope.onnx.Nodes.real;
import static io.sparsescope.onnx.Nodes.string;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.AttributeProto;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operators that go element by element. */
final class ElementTrials {
  static final Map<String, Trial> TRIALS = new LinkedHashMap<>();

  private static final double[] NO_KINKS = {};
  private static final double[] ZERO = {0};

  static {
    for (String op : List.of("Identity", "Sigmoid", "Tanh", "Erf", "Exp", "Neg", "Softplus")) {
      unary(op, -2, 2, NO_KINKS);
    }
    unary("Relu", -2, 2, ZERO);
    unary("Abs", -2, 2, ZERO);
    unary("Log", 0.2, 4, NO_KINKS);
    unary("Sqrt", 0.2, 4, NO_KINKS);
    unary("Reciprocal", 0.3, 2, NO_KINKS);
    TRIALS.put("LeakyRelu", m -> m.node("LeakyRelu", alpha(m), m.either(awayFromZero(m))));
    TRIALS.put("Elu", m -> m.node("Elu", alpha(m), m.either(awayFromZero(m))));
    TRIALS.put("HardSigmoid", ElementTrials::hardSigmoid);
    TRIALS.put(
        "HardSwish",
        m -> m.node("HardSwish", m.either(m.values(-4, 4, new double[] {-3, 3}, m.shape()))));
    TRIALS.put("Gelu", ElementTrials::gelu);
    TRIALS.put("Clip", ElementTrials::clip);
    TRIALS.put("Cast", ElementTrials::cast);
    TRIALS.put("Add", m -> broadcast(m, "Add", -2, 2));
    TRIALS.put("Sub", m -> broadcast(m, "Sub", -2, 2));
    TRIALS.put("Mul", m -> broadcast(m, "Mul", -2, 2));
    TRIALS.put("Div", m -> broadcast(m, "Div", 0.5, 2));
    TRIALS.put("Pow", ElementTrials::pow);
    TRIALS.put("PRelu", ElementTrials::prelu);
    TRIALS.put("Sum", m -> m.node("Sum", several(m)));
    TRIALS.put("Mean", m -> m.node("Mean", several(m)));
    TRIALS.put("Min", m -> m.node("Min", severalApart(m)));
    TRIALS.put("Max", m -> m.node("Max", severalApart(m)));
    TRIALS.put("Where", ElementTrials::where);
  }

  private ElementTrials() {}

  private static void unary(String op, double from, double to, double[] kinks) {
    TRIALS.put(op, m -> m.node(op, m.either(m.values(from, to, kinks, m.shape()))));
  }

  private static DoubleTensor awayFromZero(TrialModel m) {
    return m.values(ZERO, m.shape());
  }

  private static List<AttributeProto> alpha(TrialModel m) {
    return m.flip() ? List.of() : List.of(real("alpha", 0.1f * m.pick(1, 20)));
  }

  private static String hardSigmoid(TrialModel m) {
    boolean plain = m.flip();
    double alpha = plain ? 0.2f : 0.5f;
    double beta = plain ? 0.5f : 0.25f;
    double[] kinks = {-beta / alpha, (1 - beta) / alpha};
    String x = m.either(m.values(-4, 4, kinks, m.shape()));
    return plain
        ? m.node("HardSigmoid", x)
        : m.node("HardSigmoid", List.of(real("alpha", 0.5f), real("beta", 0.25f)), x);
  }

  /** Gelu is an operator of opset 20; before, it is made of Erf. */
  private static String gelu(TrialModel m) {
    return m.node(
        "Gelu",
        m.flip() ? List.of() : List.of(string("approximate", "tanh")),
        m.either(m.values(NO_KINKS, m.shape())));
  }

  private static String clip(TrialModel m) {
    boolean min = m.flip();
    boolean max = m.flip();
    double[] kinks = {-0.5, 0.75};
    String x = m.either(m.values(kinks, m.shape()));
    String low = min ? m.initializer(DoubleTensor.scalar(-0.5)) : "";
    if (max) {
      return m.node("Clip", x, low, m.initializer(DoubleTensor.scalar(0.75)));
    }
    return min ? m.node("Clip", x, low) : m.node("Clip", x);
  }

  /** To float64 and back, beside a way through integers that stops the gradient. */
  private static String cast(TrialModel m) {
    String x = m.either(m.values(new double[] {-1, 0, 1}, m.shape()));
    String wide = m.node("Cast", List.of(integer("to", ElementType.DOUBLE.number())), x);
    String narrow = m.node("Cast", List.of(integer("to", ElementType.FLOAT.number())), wide);
    String whole = m.node("Cast", List.of(integer("to", ElementType.INT64.number())), x);
    String real = m.node("Cast", List.of(integer("to", ElementType.FLOAT.number())), whole);
    return m.node("Mul", narrow, real);
  }

  /** One of two shapes that broadcast together. */
  private static int[] part(TrialModel m, int[] whole) {
    int rank = m.pick(0, whole.length);
    int[] part = new int[rank];
    for (int i = 0; i < rank; i++) {
      part[i] = m.pick(0, 2) == 0 ? 1 : whole[whole.length - rank + i];
    }
    return part;
  }

  /**
   * A variable whose number of records the model may not know, unless another operand tells it: it
   * could not be told whether the records were broadcast.
   */
  private static String beside(TrialModel m, DoubleTensor values, DoubleTensor... others) {
    boolean told =
        Arrays.stream(others).anyMatch(o -> o.rank() == values.rank() && o.shape()[0] > 1);
    return told ? m.variable(values) : m.either(values);
  }

  /** A variable of the values, or a constant where {@code some} is false. */
  private static String operand(TrialModel m, DoubleTensor values, boolean some) {
    return some ? m.variable(values) : m.initializer(values);
  }

  private static String broadcast(TrialModel m, String op, double from, double to) {
    int[] shape = m.shape();
    switch (m.pick(0, 3)) {
      case 0 -> {
        shape[0] = m.batch();
        DoubleTensor other = m.values(from, to, NO_KINKS, m.flip() ? shape : one(shape));
        String x = m.batched(m.values(from, to, NO_KINKS, shape));
        String y = other.shape()[0] == shape[0] ? m.batched(other) : m.variable(other);
        return m.flip() ? m.node(op, x, y) : m.node(op, y, x);
      }
      case 1 -> {
        DoubleTensor small = m.values(from, to, NO_KINKS, part(m, shape));
        String x = beside(m, m.values(from, to, NO_KINKS, shape), small);
        String y = operand(m, small, m.flip());
        return m.flip() ? m.node(op, x, y) : m.node(op, y, x);
      }
      case 2 -> {
        // Each has an axis of one element where the other has more.
        DoubleTensor a = m.values(from, to, NO_KINKS, 3, 1, shape[0]);
        DoubleTensor b = m.values(from, to, NO_KINKS, m.pick(1, 4), shape[0] == 2 ? 1 : shape[0]);
        return m.node(op, m.variable(a), m.variable(b));
      }
      default -> {
        String x = m.either(m.values(from, to, NO_KINKS, shape));
        return m.node(op, x, x);
      }
    }
  }

  private static int[] one(int[] shape) {
    int[] one = shape.clone();
    one[0] = 1;
    return one;
  }

  private static String pow(TrialModel m) {
    int[] shape = m.shape();
    return switch (m.pick(0, 3)) {
      case 0 -> {
        // Whole exponents take negative bases.
        double exponent = m.pick(-2, 4);
        DoubleTensor x = m.values(ZERO, shape).map(v -> v + 0.3 * Math.signum(v));
        yield m.node(
            "Pow", m.either(x.map(v -> (float) v)), m.initializer(DoubleTensor.scalar(exponent)));
      }
      case 1 -> {
        DoubleTensor exponents = m.values(NO_KINKS, part(m, shape));
        String x = beside(m, m.values(0.3, 2, NO_KINKS, shape), exponents);
        yield m.node("Pow", x, m.initializer(exponents));
      }
      case 2 -> {
        DoubleTensor bases = m.values(0.3, 2, NO_KINKS, part(m, shape));
        String exponents = beside(m, m.values(NO_KINKS, shape), bases);
        yield m.node("Pow", m.variable(bases), exponents);
      }
      default ->
          m.node("Pow", m.either(m.values(NO_KINKS, shape)), m.integers(new long[] {m.pick(0, 3)}));
    };
  }

  private static String prelu(TrialModel m) {
    int[] shape = m.shape();
    DoubleTensor slopes = m.values(0.05, 1, NO_KINKS, part(m, shape));
    return m.node("PRelu", beside(m, m.values(ZERO, shape), slopes), m.parameter(slopes));
  }

  private static String[] several(TrialModel m) {
    int[] shape = m.shape();
    DoubleTensor[] values = new DoubleTensor[m.pick(1, 4)];
    Arrays.setAll(values, i -> m.values(NO_KINKS, i == 0 ? shape : part(m, shape)));
    return operands(m, values);
  }

  private static String[] operands(TrialModel m, DoubleTensor[] values) {
    DoubleTensor[] others = Arrays.copyOfRange(values, 1, values.length);
    String[] operands = new String[values.length];
    operands[0] = beside(m, values[0], others);
    for (int i = 1; i < operands.length; i++) {
      operands[i] = operand(m, values[i], m.pick(0, 3) > 0);
    }
    return operands;
  }

  /** Operands of which no two elements are equal. */
  private static String[] severalApart(TrialModel m) {
    int[] shape = m.shape();
    int count = m.pick(1, 3);
    DoubleTensor[] values = new DoubleTensor[count];
    DoubleTensor all = m.distinct(count * DoubleTensor.size(shape));
    int from = 0;
    for (int i = 0; i < count; i++) {
      int[] own = i == 0 ? shape : part(m, shape);
      int to = from + DoubleTensor.size(own);
      values[i] = DoubleTensor.of(Arrays.copyOfRange(all.values(), from, to), own);
      from = to;
    }
    return operands(m, values);
  }

  private static String where(TrialModel m) {
    int[] shape = m.shape();
    DoubleTensor other = m.values(NO_KINKS, part(m, shape));
    int[] own = part(m, shape);
    String x = beside(m, m.values(ZERO, shape), other, DoubleTensor.zeros(own));
    String y = m.variable(other);
    String condition;
    if (m.flip()) {
      // The gradient does not go through a comparison.
      condition = m.node("Greater", x, m.initializer(DoubleTensor.scalar(0)));
    } else {
      boolean[] mask = new boolean[DoubleTensor.size(own)];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = m.flip();
      }
      condition = m.booleans(mask, own);
    }
    return m.flip() ? m.node("Where", condition, x, y) : m.node("Where", condition, y, x);
  }
}
