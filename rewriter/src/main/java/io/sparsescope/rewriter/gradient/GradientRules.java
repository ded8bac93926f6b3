package io.sparsescope.rewriter.gradient;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rules by the operator's name, with its domain where that is not ai.onnx. */
public final class GradientRules {
  private final Map<String, GradientRule> rules;

  private GradientRules(Map<String, GradientRule> rules) {
    this.rules = Map.copyOf(rules);
  }

  /** Rules for the operators that the project knows. */
  public static GradientRules standard() {
    Map<String, GradientRule> rules = new HashMap<>();
    addLayers(rules);
    addElementwise(rules);
    addShapes(rules);
    return new GradientRules(rules);
  }

  /**
   * These rules and another, which goes before one for the same operator.
   *
   * @param operator its name, such as {@code Gemm} or {@code com.microsoft/Gelu}
   */
  public GradientRules with(String operator, GradientRule rule) {
    Map<String, GradientRule> all = new HashMap<>(rules);
    all.put(operator, rule);
    return new GradientRules(all);
  }

  Optional<GradientRule> of(String operator) {
    return Optional.ofNullable(rules.get(operator));
  }

  private static void addLayers(Map<String, GradientRule> rules) {
    rules.put("AveragePool", new AveragePoolGradient());
    rules.put("BatchNormalization", new BatchNormalizationGradient());
    rules.put("Conv", new ConvGradient());
    rules.put("ConvTranspose", new ConvTransposeGradient());
    rules.put("Dropout", new DropoutGradient());
    rules.put("Gemm", new GemmGradient());
    rules.put("LayerNormalization", new LayerNormalizationGradient());
    rules.put("GlobalAveragePool", new GlobalAveragePoolGradient());
    rules.put("LRN", new LrnGradient());
    rules.put("LogSoftmax", new LogSoftmaxGradient());
    rules.put("MatMul", new MatMulGradient());
    rules.put("MaxPool", new MaxPoolGradient());
    rules.put("Softmax", new SoftmaxGradient());
  }

  private static void addElementwise(Map<String, GradientRule> rules) {
    rules.put("Abs", new AbsGradient());
    rules.put("Add", new AddGradient());
    rules.put("Cast", new CastGradient());
    rules.put("Clip", new ClipGradient());
    rules.put("Div", new DivGradient());
    rules.put("Elu", new EluGradient());
    rules.put("Erf", new ErfGradient());
    rules.put("Exp", new ExpGradient());
    rules.put("Gelu", new GeluGradient());
    rules.put("HardSigmoid", new HardSigmoidGradient());
    rules.put("HardSwish", new HardSwishGradient());
    rules.put("LeakyRelu", new LeakyReluGradient());
    rules.put("Log", new LogGradient());
    rules.put("Max", new ExtremeGradient());
    rules.put("Mean", new MeanGradient());
    rules.put("Min", new ExtremeGradient());
    rules.put("Mul", new MulGradient());
    rules.put("Neg", new NegGradient());
    rules.put("PRelu", new PReluGradient());
    rules.put("Pow", new PowGradient());
    rules.put("Reciprocal", new ReciprocalGradient());
    rules.put("Relu", new ReluGradient());
    rules.put("Sigmoid", new SigmoidGradient());
    rules.put("Softplus", new SoftplusGradient());
    rules.put("Sqrt", new SqrtGradient());
    rules.put("Sub", new SubGradient());
    rules.put("Sum", new AddGradient());
    rules.put("Tanh", new TanhGradient());
    rules.put("Where", new WhereGradient());
  }

  private static void addShapes(Map<String, GradientRule> rules) {
    for (String view : List.of("Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze")) {
      rules.put(view, new ViewGradient());
    }
    rules.put("Concat", new ConcatGradient());
    rules.put("Expand", new ExpandGradient());
    rules.put("Gather", new GatherGradient());
    rules.put("GatherElements", new GatherElementsGradient());
    rules.put("Pad", new PadGradient());
    rules.put("ReduceMean", new ReductionGradient());
    rules.put("ReduceSum", new ReductionGradient());
    rules.put("Slice", new SliceGradient());
    rules.put("Split", new SplitGradient());
    rules.put("Transpose", new TransposeGradient());
  }
}
