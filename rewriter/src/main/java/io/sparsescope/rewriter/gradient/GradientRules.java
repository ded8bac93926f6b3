package io.sparsescope.rewriter.gradient;

import java.util.HashMap;
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
    rules.put("Gemm", new GemmGradient());
    rules.put("MatMul", new MatMulGradient());
  }

  private static void addElementwise(Map<String, GradientRule> rules) {
    rules.put("Add", new AddGradient());
    rules.put("Relu", new ReluGradient());
  }

  private static void addShapes(Map<String, GradientRule> rules) {
    for (String view : new String[] {"Flatten", "Identity", "Reshape"}) {
      rules.put(view, new ViewGradient());
    }
  }
}
