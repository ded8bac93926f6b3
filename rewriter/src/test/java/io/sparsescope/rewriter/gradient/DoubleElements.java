package io.sparsescope.rewriter.gradient;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Operators that go element by element. */
final class DoubleElements {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    unary("Identity", x -> x);
    unary("Relu", x -> Math.max(x, 0));
    unary("Sigmoid", DoubleElements::sigmoid);
    unary("Tanh", Math::tanh);
    unary("Erf", DoubleElements::erf);
    unary("Exp", Math::exp);
    unary("Log", Math::log);
    unary("Sqrt", Math::sqrt);
    unary("Abs", Math::abs);
    unary("Neg", x -> -x);
    unary("Sign", Math::signum);
    unary("Floor", Math::floor);
    unary("Ceil", Math::ceil);
    unary("Round", Math::rint);
    unary("Reciprocal", x -> 1 / x);
    unary("Sin", Math::sin);
    unary("Cos", Math::cos);
    unary("Softplus", DoubleElements::softplus);
    unary("Softsign", x -> x / (1 + Math.abs(x)));
    unary("Mish", x -> x * Math.tanh(softplus(x)));
    unary("HardSwish", x -> x * Math.max(0, Math.min(1, x / 6 + 0.5)));
    single("LeakyRelu", n -> n.input(0).map(leaky(n.real("alpha", 0.01))));
    single("Elu", n -> n.input(0).map(elu(n.real("alpha", 1))));
    single("Selu", DoubleElements::selu);
    single("HardSigmoid", DoubleElements::hardSigmoid);
    single("Gelu", DoubleElements::gelu);
    single("Clip", DoubleElements::clip);
    single("Cast", DoubleElements::cast);
    binary("Add", (a, b) -> a + b);
    binary("Sub", (a, b) -> a - b);
    binary("Mul", (a, b) -> a * b);
    single("Div", DoubleElements::div);
    binary("Pow", Math::pow);
    binary("PRelu", (x, slope) -> x < 0 ? slope * x : x);
    nary("Sum", (a, b) -> a + b);
    nary("Min", Math::min);
    nary("Max", Math::max);
    single("Mean", DoubleElements::mean);
    compare("Equal", (a, b) -> a == b ? 1 : 0);
    compare("Less", (a, b) -> a < b ? 1 : 0);
    compare("LessOrEqual", (a, b) -> a <= b ? 1 : 0);
    compare("Greater", (a, b) -> a > b ? 1 : 0);
    compare("GreaterOrEqual", (a, b) -> a >= b ? 1 : 0);
    compare("And", (a, b) -> a * b);
    compare("Or", Math::max);
    single("Not", n -> n.input(0).map(x -> 1 - x));
    single("Where", DoubleElements::where);
  }

  private DoubleElements() {}

  private static void single(String op, Operator.Single f) {
    OPERATORS.put(op, Operator.single(f));
  }

  private static void unary(String op, DoubleUnaryOperator f) {
    single(op, n -> n.input(0).map(f));
  }

  private static void binary(String op, DoubleBinaryOperator f) {
    single(op, n -> n.input(0).zip(n.input(1), f));
  }

  private static void compare(String op, DoubleBinaryOperator f) {
    single(op, n -> n.input(0).zip(n.input(1), f).asIntegral(true));
  }

  private static void nary(String op, DoubleBinaryOperator f) {
    single(op, n -> n.inputs().stream().reduce((a, b) -> a.zip(b, f)).orElseThrow());
  }

  private static DoubleTensor mean(DoubleNode n) {
    DoubleTensor sum = n.inputs().stream().reduce((a, b) -> a.zip(b, Double::sum)).orElseThrow();
    return sum.map(x -> x / n.inputs().size());
  }

  private static DoubleTensor div(DoubleNode n) {
    DoubleTensor quotient = n.input(0).zip(n.input(1), (a, b) -> a / b);
    return quotient.integral() ? quotient.map(x -> (long) x) : quotient;
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /**
   * erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... 2n+1): all terms have one sign,
   * so nothing cancels.
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = 0;
    for (int n = 0; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 3);
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  private static DoubleUnaryOperator leaky(double alpha) {
    return x -> x < 0 ? alpha * x : x;
  }

  private static DoubleUnaryOperator elu(double alpha) {
    return x -> x < 0 ? alpha * Math.expm1(x) : x;
  }

  private static DoubleTensor selu(DoubleNode n) {
    double gamma = n.real("gamma", 1.05070102214813232421875);
    DoubleUnaryOperator elu = elu(n.real("alpha", 1.67326319217681884765625));
    return n.input(0).map(x -> gamma * elu.applyAsDouble(x));
  }

  private static DoubleTensor hardSigmoid(DoubleNode n) {
    double alpha = n.real("alpha", 0.2);
    double beta = n.real("beta", 0.5);
    return n.input(0).map(x -> Math.max(0, Math.min(1, alpha * x + beta)));
  }

  private static DoubleTensor gelu(DoubleNode n) {
    if (n.string("approximate", "none").equals("tanh")) {
      double c = Math.sqrt(2 / Math.PI);
      return n.input(0).map(x -> 0.5 * x * (1 + Math.tanh(c * (x + 0.044715 * x * x * x))));
    }
    return n.input(0).map(x -> 0.5 * x * (1 + erf(x / Math.sqrt(2))));
  }

  private static DoubleTensor clip(DoubleNode n) {
    double min = n.hasInput(1) ? n.input(1).single() : n.real("min", Double.NEGATIVE_INFINITY);
    double max = n.hasInput(2) ? n.input(2).single() : n.real("max", Double.POSITIVE_INFINITY);
    return n.input(0).map(x -> Math.min(max, Math.max(min, x)));
  }

  private static DoubleTensor cast(DoubleNode n) {
    ElementType to = ElementType.of((int) n.integer("to", 0));
    if (to.isFloat()) {
      return n.input(0).asIntegral(false);
    }
    DoubleUnaryOperator f = to == ElementType.BOOL ? x -> x != 0 ? 1 : 0 : x -> (long) x;
    return n.input(0).map(f).asIntegral(true);
  }

  private static DoubleTensor where(DoubleNode n) {
    int[] values = DoubleTensor.broadcastShape(n.input(1).shape(), n.input(2).shape());
    int[] shape = DoubleTensor.broadcastShape(n.input(0).shape(), values);
    double[] condition = n.input(0).broadcast(shape).values();
    DoubleTensor yes = n.input(1).broadcast(shape);
    DoubleTensor no = n.input(2).broadcast(shape);
    double[] result = new double[condition.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = condition[i] != 0 ? yes.values()[i] : no.values()[i];
    }
    return new DoubleTensor(shape, result, yes.integral());
  }
}
